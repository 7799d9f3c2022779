//! Writing a rule into the page of a layer, and taking it out.
use super::super::Deed;
use crate::{clock::mono_ns, process};
use fusefs::Page;
use model::{
    act::{
        Undo,
        fuse::{self, Layer, Rule},
    },
    facts::Process,
    units::MS,
};
use std::{io::ErrorKind, path::Path};

struct Impose {
    layer: Layer,
    rule: Rule,
    lifetime_ms: u64,
    page: Page,
    was_there: bool,
}

/// Opens the page, and looks whether the rule stands there and somebody serves it.
///
/// # Errors
/// There is no such layer, or its process has ended.
pub fn prepare(layer: &Layer, rule: &Rule, lifetime_ms: u64) -> Result<impl Deed + use<>, String> {
    let page = open(layer)?;
    Ok(Impose {
        was_there: page.has(rule),
        layer: layer.clone(),
        rule: rule.clone(),
        lifetime_ms,
        page,
    })
}

impl Deed for Impose {
    fn undo(&self) -> Undo {
        Undo::Fuse(fuse::Undo::Lift {
            layer: self.layer.clone(),
            rule: self.rule.clone(),
            was_there: self.was_there,
        })
    }
    fn backend(&self) -> String {
        "FUSE".to_owned()
    }
    fn go(&mut self) -> Result<(), String> {
        let until = mono_ns() + self.lifetime_ms * MS;
        let done = self.page.impose(&self.rule, until);
        done.map_err(|error| format!("impose a rule on {}: {error}", self.layer.mount))
    }
}

/// The page of a layer whose process lives.
///
/// # Errors
/// There is none.
pub fn open(layer: &Layer) -> Result<Page, String> {
    let lost = |why: String| format!("find the layer of {}: {why}", layer.mount);
    let page = Page::open(Path::new(&layer.page)).map_err(|error| lost(error.to_string()))?;
    let worker = page.worker().ok_or(lost("nobody serves it".to_owned()))?;
    let process = Process {
        pid: worker.pid,
        start_ticks: worker.start_ticks,
    };
    if process::lives(&process) {
        Ok(page)
    } else {
        Err(lost(format!("its process {} has ended", worker.pid)))
    }
}

/// Takes the rule out; where there is no page, or the rule stood there before, there is nothing to do.
///
/// # Errors
/// The page cannot be read.
pub fn lift(layer: &Layer, rule: &Rule, was_there: bool) -> Result<(), String> {
    if was_there {
        return Ok(());
    }
    match Page::open(Path::new(&layer.page)) {
        Ok(page) => {
            page.lift(rule);
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(format!("open page {}: {error}", layer.page)),
    }
}
