//! What the file takes, and where it points when it does not.
use super::*;

const GOOD: &str = "brinell: 1
question: How many executors carry the load?
load: 50000/s
slo: 99.9%
headroom: 10%
outage: 90s
throughput: {law: {lambda: 8000/s, sigma: 0.02, kappa: 0.0005}}
classes:
  node: {mttf: 720h, mttr: {value: 1h, low: 30m, high: 2h}, beta: 5%, crews: 2}
  drive: {failures: 1/year, mttr: 1d}
  host: {availability: 99.5%}
groups:
  executors: {class: node, need: load}
  masters: {class: host, need: 1 of 2, copies: 3}
  brokers: {class: node, replicas: {min_isr: 2, factor: 3, brokers: 5, controllers: 3}}
  drives: {class: drive, erasure: {drives: [4, 8], each: 9000/s}}
";

fn none(_: &Source) -> Result<Ranged, Refusal> {
    panic!("no report is named")
}

#[test]
fn every_kind_of_entry_is_read() {
    let file = parse(GOOD, &none).unwrap();
    assert_eq!((file.load, file.headroom, file.seed), (50_000.0, 0.1, None));
    assert!((file.slo - 0.999).abs() < 1e-12);
    let Life::Rates { fail, mttr } = &file.classes[0].1.life else {
        panic!()
    };
    assert!((fail.value - 1.0 / 720.0).abs() < 1e-15);
    assert_eq!((mttr.low, mttr.value, mttr.high), (0.5, 1.0, 2.0));
    let Life::Rates { fail, mttr } = &file.classes[1].1.life else {
        panic!()
    };
    assert!((fail.value - 1.0 / 8760.0).abs() < 1e-15 && (mttr.value - 24.0).abs() < 1e-12);
    assert_eq!(file.groups[1].need, Need::Of(1, 2));
    assert_eq!(file.groups[1].copies, 3);
    assert_eq!(file.outage.unwrap().value, 0.025);
}

#[test]
fn points_are_read_by_number_of_executors() {
    let text = GOOD.replace(
        "{law: {lambda: 8000/s, sigma: 0.02, kappa: 0.0005}}",
        "{points: {1: [955/s, 948/s], 2: [1878/s]}}",
    );
    let Throughput::Points(points) = parse(&text, &none).unwrap().throughput else {
        panic!()
    };
    let read: Vec<_> = points
        .iter()
        .map(|p| (p.n, p.repeat, p.throughput))
        .collect();
    assert_eq!(read, [(1, 1, 955.0), (1, 2, 948.0), (2, 1, 1878.0)]);
}

#[test]
fn a_report_is_asked_for_what_it_measured() {
    let text = GOOD.replace("mttr: 1d", "mttr: {from: ../report.json, fault: kill}");
    let file = parse(&text, &|source| {
        assert_eq!(
            (source.report.value.as_str(), source.fault.value.as_str()),
            ("../report.json", "kill")
        );
        assert_eq!(
            (source.measure.value.as_str(), source.report.at.line),
            ("recover", 10)
        );
        Ok(Ranged::exactly(0.5, "a run"))
    });
    let Life::Rates { mttr, .. } = &file.unwrap().classes[1].1.life else {
        panic!()
    };
    assert_eq!(mttr.value, 0.5);
}

/// What is changed to what, and the line and words of the refusal.
const BAD: &[(&str, &str, u32, &str)] = &[
    ("50000/s", "-5/s", 3, "negative"),
    ("50000/s", "0/s", 3, "zero"),
    ("50000/s", "50000", 3, "unit is one of /s"),
    ("99.9%", "101%", 4, "not from 0 % to 100 %"),
    ("99.9%", "100%", 4, "always or never"),
    ("99.9%", "0.999", 4, "as a share"),
    ("10%", "100%", 5, "nothing would be carried"),
    ("90s", "-90s", 6, "negative"),
    ("sigma: 0.02", "sigma: 1.2", 7, "not from 0 to 1"),
    ("kappa: 0.0005", "kappa: -0.1", 7, "not from 0 to 1"),
    (
        "{law: {lambda: 8000/s, sigma: 0.02, kappa: 0.0005}}",
        "{points: {}}",
        7,
        "a measured point",
    ),
    (
        "{law: {lambda: 8000/s, sigma: 0.02, kappa: 0.0005}}",
        "{points: {0: [5/s]}}",
        7,
        "number of executors",
    ),
    (
        "{law: {lambda: 8000/s, sigma: 0.02, kappa: 0.0005}}",
        "{points: {1: [5/s, 0/s]}}",
        7,
        "zero",
    ),
    (
        "{law: {lambda: 8000/s, sigma: 0.02, kappa: 0.0005}}",
        "{each: 5/s}",
        7,
        "`efficiency`",
    ),
    (
        "{law: {lambda: 8000/s, sigma: 0.02, kappa: 0.0005}}",
        "{}",
        7,
        "how throughput grows",
    ),
    ("mttf: 720h", "mttf: -720h", 9, "negative"),
    ("low: 30m", "low: 3h", 9, "does not hold its value"),
    (", high: 2h", "", 9, "with one end"),
    ("beta: 5%", "beta: 150%", 9, "not from 0 % to 100 %"),
    ("crews: 2", "crews: 0", 9, "the number of crews"),
    ("failures: 1/year", "failures: -1/year", 10, "negative"),
    (
        "failures: 1/year, mttr: 1d",
        "failures: 1/year",
        10,
        "`mttr`",
    ),
    (
        "failures: 1/year",
        "failures: 1/year, mttf: 5h",
        10,
        "both `mttf` and `failures`",
    ),
    (
        "availability: 99.5%",
        "availability: 99.5%, mttr: 5h",
        11,
        "only the availability",
    ),
    (
        "availability: 99.5%",
        "beta: 1%",
        11,
        "how often these parts fail",
    ),
    ("need: load", "need: 3", 13, "carries the load"),
    (
        "need: 1 of 2",
        "need: 3 of 2",
        14,
        "need 3 of 2: k must be from 1 to n",
    ),
    (
        "need: 1 of 2, copies: 3",
        "need: load",
        14,
        "two groups for the same load",
    ),
    ("class: host", "class: hots", 14, "the class `hots`"),
    ("min_isr: 2", "min_isr: 4", 15, "4 of 3 replicas"),
    (
        "brokers: 5",
        "brokers: 2",
        15,
        "3 replicas or controllers on 2",
    ),
    ("drives: [4, 8]", "drives: 17", 16, "drives of a set"),
    (
        "drives: [4, 8]",
        "drives: 4, parity: 3",
        16,
        "parity is at most half",
    ),
    ("outage: 90s", "outag: 90s", 6, "the key `outag`"),
    ("brinell: 1", "brinell: 2", 1, "schema number"),
];

#[test]
fn what_is_wrong_is_refused_at_its_line() {
    for (from, to, line, words) in BAD {
        assert!(GOOD.contains(from), "{from}");
        let refusal = parse(&GOOD.replacen(from, to, 1), &none).expect_err(to);
        let said = format!(
            "{} {} {}",
            refusal.what,
            refusal.label,
            refusal.hint.clone().unwrap_or_default()
        );
        assert!(said.contains(words), "{to}: {said}");
        assert_eq!(refusal.at.line, *line, "{to}: {said}");
    }
}

proptest::proptest! {
    /// Whatever is cut off or flipped, the answer is a file or a refusal.
    #[test]
    fn no_damage_makes_it_panic(at in 0..GOOD.len(), byte in 32_u8..127) {
        let mut bytes = GOOD.as_bytes().to_vec();
        bytes[at] = byte;
        let _ = parse(&String::from_utf8(bytes.clone()).unwrap(), &none);
        bytes.truncate(at);
        let _ = parse(&String::from_utf8(bytes).unwrap(), &none);
    }
}
