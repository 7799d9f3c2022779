//! The laws over the catalog: a new fault is covered by being listed. The last test plants slips and counts those that are caught.
mod laws;

use faults::CATALOG;
use laws::{Honest, LAWS, Subject, mutants, wrongs};
use model::fault::AnyFault;

fn holds(law: laws::Law) {
    let subject = Subject {
        catalog: CATALOG,
        hands: &Honest,
    };
    if let Err(why) = law(subject) {
        panic!("{why}");
    }
}

macro_rules! laws {
    ($($name:ident: $law:path;)*) => {
        $(#[test]
        fn $name() {
            holds($law);
        })*

        #[test]
        fn every_law_is_tried() {
            assert_eq!([$(stringify!($name)),*].len(), LAWS.len());
        }
    };
}

laws! {
    names_are_unique_and_kebab_case: laws::words::names;
    docs_and_proofs_are_one_sentence_each: laws::words::docs;
    examples_parse_and_defaults_are_explicit: laws::words::examples;
    unknown_settings_are_refused_by_their_key: laws::words::unknown_settings;
    effective_is_false_before_and_true_after: laws::acting::effective;
    healed_is_false_while_hurt_and_true_after_undo: laws::acting::healed;
    undo_restores_any_world_from_any_cut: laws::acting::undo_restores;
    undo_twice_is_once: laws::acting::twice_is_once;
    two_faults_undone_in_any_order_end_where_they_began: laws::acting::any_order;
    a_restarted_target_and_strangers_stay_untouched: laws::acting::strangers;
    removal_takes_the_run_and_nobody_else: laws::acting::removal;
}

/// The first law that a subject breaks.
fn caught(subject: Subject) -> Option<&'static str> {
    LAWS.iter()
        .find(|(_, law)| law(subject).is_err())
        .map(|(claim, _)| *claim)
}

#[test]
fn every_planted_slip_is_caught() {
    let wrongs = wrongs::wrongs(CATALOG);
    let faults = wrongs.iter().map(|wrong| {
        let name = format!("{}: {}", wrong.inner.name(), wrong.what);
        let catalog: &[&dyn AnyFault] = &[wrong];
        (
            name,
            caught(Subject {
                catalog,
                hands: &Honest,
            }),
        )
    });
    let hands = mutants::SLIPS.iter().map(|hands| {
        let subject = Subject {
            catalog: CATALOG,
            hands,
        };
        (hands.what.to_owned(), caught(subject))
    });
    let told: Vec<_> = faults.chain(hands).collect();
    let survivors: Vec<_> = told.iter().filter(|(_, by)| by.is_none()).collect();
    println!(
        "mutants: killed {}/{}",
        told.len() - survivors.len(),
        told.len()
    );
    assert!(survivors.is_empty(), "survived: {survivors:?}");
}

/// The wrong key and the wrong value are both named, so that the scenario's line can be shown.
#[test]
fn a_signal_that_ends_nobody_and_a_bare_lifetime_are_refused() {
    let refused = |name: &str, settings| {
        let fault = CATALOG.iter().find(|fault| fault.name() == name).unwrap();
        fault.check(&settings).unwrap_err()
    };
    let signal = refused("kill", serde_json::json!({"signal": "CONT"}));
    assert_eq!(signal.key, "signal");
    assert!(signal.why.contains("`KILL`"), "{}", signal.why);
    let away = refused("down", serde_json::json!({"for": "20"}));
    assert!(away.why.contains("`10s`"), "{}", away.why);
    let lifetime = refused("partition", serde_json::json!({"lifetime": "30"}));
    assert_eq!(lifetime.key, "lifetime");
    assert!(lifetime.why.contains("`10s`"), "{}", lifetime.why);
}

#[test]
fn shares_rates_ways_and_modes_out_of_range_are_refused_by_their_key() {
    for (name, key, value, fix) in [
        ("packet-loss", "share", "0.5%", "`1%`"),
        ("packet-loss", "share", "0.1", "`50%`"),
        ("packet-duplication", "share", "100%", "`90%`"),
        ("partition", "ways", "left", "`both`"),
        ("dns-failure", "mode", "slow", "`hang`"),
        ("bandwidth", "rate", "1MiB", "`64KiB/s`"),
        ("bandwidth", "rate", "1KiB/s", "`64KiB/s`"),
        ("bandwidth", "burst", "2MiB", "`1MiB`"),
    ] {
        let fault = CATALOG.iter().find(|fault| fault.name() == name).unwrap();
        let mut settings = serde_json::Map::new();
        settings.insert(key.to_owned(), value.into());
        let refused = fault.check(&settings.into()).unwrap_err();
        assert_eq!(refused.key, key, "{name}: {refused:?}");
        assert!(refused.why.contains(fix), "{name}: {}", refused.why);
    }
}

/// Each is named, with what would be right: the scenario's line can be shown.
#[test]
fn what_a_queue_cannot_do_is_refused_by_its_key() {
    let refused = |name: &str, settings| {
        let fault = CATALOG.iter().find(|fault| fault.name() == name).unwrap();
        let error = fault.check(&settings).unwrap_err();
        (error.key, error.why)
    };
    for (name, settings, key, fix) in [
        (
            "latency",
            serde_json::json!({"delay": "1ms"}),
            "delay",
            "`2ms`",
        ),
        (
            "latency",
            serde_json::json!({"delay": "5ms", "jitter": "6ms"}),
            "jitter",
            "`5ms`",
        ),
        (
            "latency",
            serde_json::json!({"ways": "up"}),
            "ways",
            "`both`",
        ),
        (
            "packet-reordering",
            serde_json::json!({"share": "60%"}),
            "share",
            "`50%`",
        ),
        (
            "packet-corruption",
            serde_json::json!({"share": "0.2"}),
            "share",
            "`50%`",
        ),
        (
            "packet-corruption",
            serde_json::json!({"checksum": "mend"}),
            "checksum",
            "`keep`",
        ),
    ] {
        let (blamed, why) = refused(name, settings);
        assert!(
            blamed == key && why.contains(fix),
            "{name}: `{blamed}`, {why}"
        );
    }
}

/// Each setting that would hurt nobody, or more than can be proved, is refused by its key.
#[test]
fn drives_operations_shares_and_delays_out_of_range_are_refused() {
    let refused = |name: &str, settings: serde_json::Value| {
        let fault = CATALOG.iter().find(|fault| fault.name() == name).unwrap();
        fault.check(&settings).unwrap_err().why
    };
    let zero = refused("disk-errors", serde_json::json!({"drives": 0}));
    assert!(zero.contains("`1` or more"), "{zero}");
    for ops in [serde_json::json!([]), serde_json::json!(["read", "read"])] {
        let why = refused("disk-errors", serde_json::json!({"operations": ops}));
        assert!(why.contains("at least one"), "{why}");
    }
    let error = refused("disk-errors", serde_json::json!({"error": "EPERM"}));
    assert!(error.contains("ENOSPC"), "{error}");
    let share = refused("torn-writes", serde_json::json!({"share": "0.1%"}));
    assert!(share.contains("`1%`"), "{share}");
    let delay = refused("disk-delay", serde_json::json!({"delay": "20us"}));
    assert!(
        delay.contains("`1ms`") || delay.contains("`10s`"),
        "{delay}"
    );
}
