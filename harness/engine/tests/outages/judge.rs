//! What the analysis says of each outage beside what its relay knows.
use crate::{
    PROBES,
    relay::{Kind, Known},
    run::Told,
};
use analysis::{
    input::Folder,
    instants::{Seen, instants},
    report::Bounds,
    span::Span,
    stream::Stream,
    window::Windows,
};
use model::units::{MS, Nanos, S};

/// One outage, measured or not.
#[derive(Debug)]
pub struct Judged {
    /// What it did.
    pub kind: Kind,
    /// Of its probe.
    pub period: Nanos,
    /// Drawn length, ms.
    pub nominal: u64,
    /// What the relay knows.
    pub known: Known,
    /// What the analysis found.
    pub seen: Seen,
    /// Why it cannot be held against the relay.
    pub why_not: Option<String>,
}

impl Judged {
    /// T2 - T1.
    fn length(&self) -> Option<Span> {
        Some(self.seen.t2?.since(self.seen.t1?))
    }

    /// The known length, s, from the outermost to the innermost.
    fn known_length(&self) -> (f64, f64) {
        let (off, on) = (self.known.off, self.known.on);
        (on.0.since(off.1).as_s(), on.1.since(off.0).as_s())
    }

    /// Whether the length and both ends lie in their bars; so does what was not measured. After a relapse (we were stopped ourselves
    /// for longer than the bound) T3 is no end of this outage.
    pub fn holds(&self) -> bool {
        let (shortest, longest) = self.known_length();
        let length = |span: Span| span.lo <= longest && shortest <= span.hi;
        let end = |bar: Option<Bounds>, at: (Nanos, Nanos)| {
            bar.is_some_and(|bar| bar.lo <= at.1.0 && at.0.0 <= bar.hi)
        };
        let seen = &self.seen;
        self.why_not.is_some()
            || self.length().is_some_and(length)
                && end(seen.t1, self.known.off)
                && end(seen.t2, self.known.on)
                && (seen.relapses > 0 || end(seen.t3, self.known.on))
    }

    /// Measured less known, ms.
    pub fn error_ms(&self) -> f64 {
        let (shortest, longest) = self.known_length();
        let measured = self.length().map_or(f64::NAN, Span::mid);
        (measured - f64::midpoint(shortest, longest)) * 1e3
    }

    /// Plus or minus, ms.
    pub fn bar_ms(&self) -> f64 {
        self.length()
            .map_or(f64::NAN, |span| span.half_width() * 1e3)
    }
}

/// Every outage of every probe.
pub fn judge(told: &Told) -> Vec<Judged> {
    let folder = Folder::read(&told.input).expect("the run folder reads");
    let windows = Windows::of(&folder);
    let of_probe = |(name, kind, period): (&str, Kind, Nanos)| {
        let spec = told
            .plan
            .probes
            .iter()
            .find(|spec| spec.name == name)
            .expect("a planned probe");
        let stream = Stream::of(spec, &folder.sources[name].records, &windows, folder.end());
        let known = &told.known[name];
        assert!(
            !known.is_empty(),
            "the run never came to its outages: {}",
            told.input.events
        );
        let one = |(index, outage): (usize, &Known)| {
            // Watched until the next begins, or for half a second.
            let end = known
                .get(index + 1)
                .map_or(outage.on.1.plus(Nanos::ms(500)), |next| next.off.0);
            of_outage(&stream, kind, period, *outage, end)
        };
        known.iter().enumerate().map(one).collect::<Vec<Judged>>()
    };
    PROBES.into_iter().flat_map(of_probe).collect()
}

fn of_outage(stream: &Stream, kind: Kind, period: Nanos, known: Known, end: Nanos) -> Judged {
    let t0 = Bounds {
        lo: known.off.0.0,
        hi: known.off.1.0,
    };
    let bound = stream.bound.unwrap_or(f64::INFINITY);
    Judged {
        kind,
        period,
        nominal: known.nominal,
        known,
        seen: instants(stream, t0, end, Nanos::ms(100)),
        why_not: why_not(stream, kind, known, bound),
    }
}

/// What the relay does not know sharply, what is shorter than a late answer, and what nobody asked in.
fn why_not(stream: &Stream, kind: Kind, known: Known, bound: f64) -> Option<String> {
    if !known.is_sharp() {
        return Some("the relay itself does not know it to a millisecond".into());
    }
    let long = known.on.0.since(known.off.1);
    let late = Nanos((bound * S as f64) as u64);
    if kind == Kind::Holds && long < Nanos(2 * late.0) {
        return Some(format!(
            "shorter than two bounds of {} ms: held back for less is not late",
            late.0 / MS
        ));
    }
    let asked = stream
        .samples
        .iter()
        .filter(|sample| known.off.1 < sample.sent && sample.sent < known.on.0)
        .count();
    (asked <= stream.strays)
        .then(|| format!("{asked} operations were sent in it: we were late ourselves"))
}
