//! Latency, availability and missing samples of synthetic runs.

use super::*;

claims! {
    latency_counts_from_the_intended_start {
        let (ms, s) = UNITS;
        let ops = stall_at(10 * ms, ms, (10 * s, 11_400 * ms), 3_000);
        let values = |from: fn(&model::samples::Op) -> Nanos| Sampled { values: ops.iter().map(|op| op.ended.since(from(op)).as_s()).collect(), ..Sampled::default() };
        let p99 = estimate(Method::P(99.0), &values(|op| op.intended)).value.unwrap();
        near(p99, 1.101_823, 1.101_823e-3);
        near(estimate(Method::Max, &values(|op| op.intended)).value.unwrap(), 1.401_855, 1.401_855e-3);
        // The same through the analysis of a run whose probe hangs: waiting from the intended start is the latency.
        let analysis = Synthetic::default().analysis();
        let row = analysis.latency.iter().find(|row| row.source == "ack" && row.window == "fault").unwrap();
        near(row.percentiles[4].value_s.value.unwrap(), 1.709, 0.01);
        let late = Synthetic { stalled: vec![(FAULTS + 5_000, FAULTS + 5_090)], ..quiet() };
        let analysis = late.analysis();
        let row = analysis.latency.iter().find(|row| row.source == "ack" && row.window == "whole").unwrap();
        near(row.percentiles[4].value_s.value.unwrap(), 0.097, 0.003);
    }

    unanswered_samples_stay_in_as_lower_bounds {
        let run = Synthetic { refused: kills(200, |_| 3_000), hangs: vec![], ..Synthetic::default() };
        let analysis = run.analysis();
        let row = analysis.latency.iter().find(|row| row.source == "ack" && row.window == "fault").unwrap();
        assert!(row.saturated > 200);
        let p99 = &row.percentiles[2].value_s;
        assert_eq!((p99.value, p99.low), (None, Some(5.0)));
        assert!(p99.why.as_deref().unwrap().starts_with("at least 5"));
    }

    no_samples_are_no_zero_latency {
        let run = Synthetic { repeats: 1, silent: vec![(0, u64::MAX / 2)], ..quiet() };
        let analysis = run.analysis();
        let measure = analysis.latency.iter().find(|row| row.source == "ack" && row.window == "whole").map(|row| row.percentiles[0].value_s.clone()).unwrap();
        assert_eq!((measure.value, measure.why.as_deref()), (None, Some("no samples in this window")));
        assert_eq!(analysis.verdict.value, Verdict::Unknown);
    }

    warm_up_is_not_judged {
        let run = Synthetic { hangs: vec![(1_000, 3_000)], ..quiet() };
        let analysis = run.analysis();
        assert_eq!(available(&analysis, "ack", "whole").requests.value, Some(1.0));
        let row = analysis.latency.iter().find(|row| row.source == "ack" && row.window == "whole").unwrap();
        assert!(row.percentiles[4].value_s.value.unwrap() < 0.02);
    }

    late_answers_are_bad {
        let analysis = Synthetic::default().analysis();
        let fault = available(&analysis, "ack", "fault");
        // Stretches of 1.0 to 1.7 s but for the last, which begins in the fault phase's last 2 s.
        near(fault.downtime.value.unwrap(), 10.8, fault.downtime.error.unwrap() + 0.05);
        assert!(fault.requests.value.unwrap() < 0.95);
    }

    downtime_holds_the_known_outage_within_its_bar {
        for (at, long) in [(200, 1_000), (233, 777), (271, 4_321)] {
            let run = Synthetic { repeats: 1, refused: vec![(FAULTS + at, FAULTS + at + long)], ..quiet() };
            let analysis = run.analysis();
            let whole = available(&analysis, "ack", "whole");
            let known = long as f64 / 1e3;
            assert!(whole.downtime.low.unwrap() <= known && known <= whole.downtime.high.unwrap() + 0.006, "{known}: {:?}", whole.downtime);
            near(whole.availability.value.unwrap(), 1.0 - known / 52.0, 0.1 / 52.0);
            assert_eq!((whole.availability.n, whole.availability.level), (1, None));
        }
    }

    unmeasured_time_widens_availability_to_the_bad_side {
        let run = Synthetic { repeats: 1, silent: vec![(FAULTS + 5_000, FAULTS + 13_000)], ..quiet() };
        let whole = available(&run.analysis(), "ack", "whole").clone();
        assert_eq!((whole.missing, whole.availability.value, whole.availability.high), (80, Some(1.0), Some(1.0)));
        near(whole.availability.low.unwrap(), 1.0 - 8.0 / 52.0, 1e-9);
        near(whole.requests.low.unwrap(), 440.0 / 520.0, 1e-9);
    }

    missing_samples_make_the_run_unknown {
        let run = Synthetic { stalled: vec![(FAULTS + 5_000, FAULTS + 6_000)], ..Synthetic::default() };
        let analysis = run.analysis();
        assert_eq!(finding(&analysis, "probe-ack").verdict, Verdict::Unknown);
        assert_eq!(analysis.verdict.value, Verdict::Unknown);
        assert_eq!(analysis.verdict.reasons, ["probe-ack"]);
        // Neither good nor bad: 10 samples were sent 100 ms to 1 s late.
        let whole = available(&analysis, "ack", "whole");
        assert_eq!(whole.missing, 10, "{whole:?}");
        assert_eq!(row(&analysis, "ack").runs[0].relapses, 0);
        let streams = Stream::of(&Synthetic::probes()[0], &crate::input::Records::Ops(run.ack()), &windows(&run), Nanos(u64::MAX));
        assert_eq!(streams.samples.iter().filter(|sample| sample.state == State::Missing).count(), 10);
    }

    absent_samples_are_missing_too {
        let run = Synthetic { silent: vec![(FAULTS + 5_000, FAULTS + 6_000)], ..Synthetic::default() };
        let analysis = run.analysis();
        assert_eq!(available(&analysis, "ack", "whole").missing, 10);
        assert_eq!(finding(&analysis, "probe-ack").verdict, Verdict::Unknown);
    }

    overlapping_outages_are_counted_once {
        use crate::{availability::{Outage, joined, outages}, input::Records, report::Bounds};
        let outage = |from: u64, to: u64| Outage { from: Bounds { lo: from, hi: from }, to: Bounds { lo: to, hi: to } };
        assert_eq!(joined(vec![outage(1, 5), outage(4, 9), outage(12, 13)]), [outage(1, 9), outage(12, 13)]);
        // Timeouts that end long after the service is back: their stretch overlaps the next one.
        let run = Synthetic { repeats: 1, hangs: vec![(FAULTS + 1_000, FAULTS + 8_000)], refused: vec![(FAULTS + 8_200, FAULTS + 8_500)], ..quiet() };
        let stream = Stream::of(&Synthetic::probes()[0], &Records::Ops(run.ack()), &windows(&run), Nanos(u64::MAX));
        let all = outages(&stream);
        assert!(all.windows(2).all(|pair| pair[0].to.mid() < pair[1].from.mid()), "{all:?}");
        let down = available(&run.analysis(), "ack", "whole").downtime.clone();
        assert!(down.low.unwrap() <= 7.3 && down.high.unwrap() >= 7.3 && down.value.unwrap() <= 7.6, "{down:?}");
    }
}
