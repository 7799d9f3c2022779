//! A relay on loopback in front of a server that sends back what it gets, and the switch that turns it off.
use engine::clock::Clock;
use model::{seed::Draw, units::Nanos};
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

/// What a relay does while it is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Closes what comes.
    Refuses,
    /// Keeps what comes until it is on again.
    Holds,
}

/// One outage as its relay knows it. Where it held something back, it was on again for its clients when the first of that had come
/// back: until then its own thread may have been waiting for a processor.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Drawn length, ms.
    pub nominal: u64,
    /// It was turned off between these.
    pub off: (Nanos, Nanos),
    /// And on again between these.
    pub on: (Nanos, Nanos),
}

impl Known {
    /// The length to less than a millisecond.
    pub fn is_sharp(&self) -> bool {
        let width = |(from, to): (Nanos, Nanos)| to.since(from).0;
        width(self.off) + width(self.on) < model::units::MS
    }
}

/// A running relay.
pub struct Relay {
    /// Where clients connect.
    pub address: SocketAddr,
    gate: watch::Sender<bool>,
    clock: Clock,
    back: Back,
}

/// When what was held back had come back.
type Back = Arc<Mutex<Vec<Nanos>>>;

impl Relay {
    /// Starts it with its server, on a thread and a runtime of its own that end with the process.
    pub fn start(kind: Kind, clock: Clock) -> io::Result<Self> {
        let (gate, open) = watch::channel(true);
        let (tell, told) = mpsc::channel();
        let back = Back::default();
        let desk = Desk {
            kind,
            open,
            clock,
            back: back.clone(),
        };
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(serve(desk, tell))
        });
        let address = told.recv().map_err(io::Error::other)?;
        Ok(Self {
            address,
            gate,
            clock,
            back,
        })
    }

    /// Turns it off for `long` and on again, and waits until that is over for its clients too; what it saw of that itself.
    fn outage(&self, nominal: u64, long: Duration) -> Known {
        let turn = |open: bool| {
            let before = self.clock.now();
            self.gate.send_replace(open);
            (before, self.clock.now())
        };
        let off = turn(false);
        thread::sleep(long);
        let mut on = turn(true);
        thread::sleep(APART);
        let back = self.back.lock().unwrap_or_else(PoisonError::into_inner);
        let first = back.iter().find(|at| **at >= on.0);
        on.1 = first.copied().unwrap_or(on.1).max(on.1);
        Known { nominal, off, on }
    }

    /// `count` outages of drawn lengths at drawn instants that it knows sharply, in at most three times as many.
    pub fn outages(&self, name: &str, period: Nanos, count: usize) -> Vec<Known> {
        let mut draw = Draw::new(7, name);
        let (mut all, mut sharp) = (Vec::new(), 0);
        while sharp < count && all.len() < 3 * count {
            let jitter = |draw: &mut Draw| Duration::from_nanos(draw.below(period.0));
            thread::sleep(jitter(&mut draw));
            let nominal = crate::LENGTHS[draw.below(crate::LENGTHS.len() as u64) as usize];
            let long = Duration::from_millis(nominal) + jitter(&mut draw);
            let known = self.outage(nominal, long);
            sharp += usize::from(known.is_sharp());
            all.push(known);
        }
        all
    }
}

/// Between two outages: longer than it takes to see the last one over.
const APART: Duration = Duration::from_millis(250);

/// What a connection needs to know of its relay.
#[derive(Clone)]
struct Desk {
    kind: Kind,
    open: watch::Receiver<bool>,
    clock: Clock,
    back: Back,
}

async fn serve(desk: Desk, tell: mpsc::Sender<SocketAddr>) -> io::Result<()> {
    let relay = TcpListener::bind("127.0.0.1:0").await?;
    let server = TcpListener::bind("127.0.0.1:0").await?;
    let behind = server.local_addr()?;
    tell.send(relay.local_addr()?).map_err(io::Error::other)?;
    let mut flight = JoinSet::new();
    loop {
        tokio::select! {
            Ok((client, _)) = relay.accept() => { flight.spawn(carry(client, desk.clone(), behind)); }
            Ok((client, _)) = server.accept() => { flight.spawn(answer(client)); }
            Some(_) = flight.join_next() => {}
        }
    }
}

/// One request: it passes if the relay is on at the very instant at which it asks.
async fn carry(mut client: TcpStream, mut desk: Desk, behind: SocketAddr) -> io::Result<()> {
    let mut byte = [0];
    client.read_exact(&mut byte).await?;
    let is_held = !*desk.open.borrow();
    if is_held && desk.kind == Kind::Refuses {
        return Ok(());
    }
    if is_held {
        let open = desk.open.wait_for(|open| *open).await;
        open.map_err(io::Error::other)?;
    }
    let mut server = TcpStream::connect(behind).await?;
    server.write_all(&byte).await?;
    server.read_exact(&mut byte).await?;
    client.write_all(&byte).await?;
    if is_held {
        let mut back = desk.back.lock().unwrap_or_else(PoisonError::into_inner);
        back.push(desk.clock.now());
    }
    Ok(())
}

async fn answer(mut client: TcpStream) -> io::Result<()> {
    let mut byte = [0];
    client.read_exact(&mut byte).await?;
    client.write_all(&byte).await
}

/// One operation of a client: a byte there and back.
pub async fn ask(address: SocketAddr) -> io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(&[7]).await?;
    stream.read_exact(&mut [0]).await?;
    Ok(())
}
