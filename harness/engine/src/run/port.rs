//! What the machine is told, and what it asks for.
use model::{
    check::Check,
    check::NodeState,
    drive::Drive,
    facts::Targets,
    fault::Step,
    guard::{Answer, GuardLost, GuardNews},
    ids::NodeId,
    journal::{Event, event::SteadyCheck},
    question::Answered,
    system::{BedNews, NodeLog, Version},
    units::Nanos,
};

/// Why the targets of a fault could not be looked up.
#[derive(Clone, Debug, PartialEq)]
pub enum Missing {
    /// This node is not there, and why.
    Node(NodeId, String),
    /// A question was answered with nobody, or not at all.
    Answer(String),
}

/// Something happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The run begins.
    Start,
    /// Time passed.
    Tick,
    /// A signal came, the `count`-th.
    Signal {
        /// Its name.
        name: String,
        /// How many so far.
        count: u32,
    },
    /// The testbed says something.
    News(BedNews),
    /// The guard is in charge, or refused.
    Owned(Result<Answer, GuardLost>),
    /// The guard made the drives that the nodes want, or could not.
    Provided(Result<Answer, GuardLost>),
    /// The testbed is up, or failed to come up.
    Up(Result<(), String>),
    /// What runs, by version.
    Versions(Vec<Version>),
    /// The steady state was measured.
    Steady(Vec<SteadyCheck>),
    /// Facts of all targets of fault `index`, or what is missing.
    Resolved {
        /// Which of the plan.
        index: usize,
        /// What was asked, and what the systems answered.
        answers: Vec<Answered>,
        /// Victims and peers.
        targets: Result<Targets, Missing>,
    },
    /// The guard answered an injection.
    Injected {
        /// Which of the plan.
        index: usize,
        /// What it said.
        answer: Result<Answer, GuardLost>,
    },
    /// The guard answered a heal.
    Healed {
        /// Which of the plan.
        index: usize,
        /// What it said.
        answer: Result<Answer, GuardLost>,
    },
    /// The containers of a fault were started again, and its targets looked up anew.
    Escalated {
        /// Which of the plan.
        index: usize,
        /// Victims and peers as they are now, or why that was in vain.
        targets: Result<Targets, String>,
    },
    /// The guard did something unasked.
    Guard(Vec<GuardNews>),
    /// The systems were asked until all held, or time was up.
    Looked {
        /// Which of the plan.
        index: usize,
        /// Whether all held.
        held: bool,
        /// What was seen last.
        evidence: String,
        /// When they were last asked and something was still missing: it was not whole before. Zero where all held at once.
        began: Nanos,
        /// When the last one came.
        proved: Nanos,
    },
    /// Load and probes have stopped, every operation accounted for.
    Quiet(Vec<Event>),
    /// The output was read back, or could not be.
    Read(Result<Vec<Event>, String>),
    /// Every node's output.
    Logs(Vec<(NodeLog, String)>),
    /// The guard undid everything and removed the testbed.
    Closed(Result<Answer, GuardLost>),
    /// The harness itself cannot go on (disk full, a bug): stop and heal.
    Trouble(String),
}

/// Something to do. Each but `Record` and `Finish` is answered by the input of the same name.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Write a fact.
    Record(Event),
    /// Put the guard in charge of everything labelled with the run.
    Own,
    /// Have the guard make the drives that the nodes want.
    Provide,
    /// Bring the testbed up on these drives.
    BringUp {
        /// As they were made.
        drives: Vec<Drive>,
    },
    /// Give the bring-up under way up; its answer still comes.
    Abandon,
    /// Start load and probes; the load's first record is due at once.
    StartLoad,
    /// Measure the steady state over these windows.
    JudgeSteady {
        /// `[from, to)` of each.
        windows: Vec<(Nanos, Nanos)>,
    },
    /// Look up the facts of a fault's targets.
    Resolve {
        /// Which of the plan.
        index: usize,
    },
    /// Have the guard do a step.
    Inject {
        /// Which of the plan.
        index: usize,
        /// What.
        step: Box<Step>,
    },
    /// Have the guard undo all steps of a fault and prove the machine parts.
    Heal {
        /// Which of the plan.
        index: usize,
        /// What must hold.
        healed: Vec<Check>,
    },
    /// Have the guard start the containers of a fault again, and look its targets up until they are there or `until` passes.
    Escalate {
        /// Which of the plan.
        index: usize,
        /// What to start.
        containers: Vec<String>,
        /// Victims and peers.
        nodes: (Vec<NodeId>, Vec<NodeId>),
        /// When to give up.
        until: Nanos,
    },
    /// Ask the systems until all hold or `until` passes.
    Look {
        /// Which of the plan.
        index: usize,
        /// Of which nodes what.
        nodes: Vec<(NodeId, NodeState)>,
        /// When to give up.
        until: Nanos,
    },
    /// Stop load and probes, let what is in flight end.
    StopLoad,
    /// Read the output back.
    ReadBack,
    /// Save every node's output.
    CaptureLogs,
    /// Have the guard undo everything and remove the testbed.
    TakeDown,
    /// The run is over.
    Finish,
}
