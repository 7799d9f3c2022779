//! Acts that a running system carries out: the same cases against the model world and against a server of a few lines, whose own
//! state tells whether it was asked.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod scene;

use guard::{acts::Hands, checks, clock::Clock, engine_socket::Engine};
use model::{
    act::{Act, Undo, call},
    check::{Check, call as seen},
    facts::{Credential, Facts, Request},
    units::Nanos,
};
use scene::ground::{Ground, world};
use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
};

/// The guard's hands alone: a request needs no namespace of a scene.
struct Asking(Hands);

fn hands() -> Asking {
    Asking(Hands::of("r-call", Engine::find()))
}

impl Asking {
    fn look(&self, check: &Check) -> bool {
        let clock = Clock::since(0);
        let mut watches = checks::open(check, &self.0.engine).unwrap();
        let until = clock.now().plus(Nanos::secs(4));
        checks::once(&mut watches, clock, until).seen.held
    }
}

impl Ground for Asking {
    fn facts(&self) -> Vec<Facts> {
        Vec::new()
    }
    fn record(&mut self, act: &Act) -> Undo {
        self.0.prepare(act).unwrap().undo()
    }
    fn act(&mut self, act: &Act) {
        self.0.prepare(act).unwrap().go().unwrap();
    }
    fn carry_out(&mut self, act: &Act) -> Undo {
        let mut deed = self.0.prepare(act).unwrap();
        deed.go().unwrap();
        deed.undo()
    }
    fn undo(&mut self, undo: &Undo) {
        self.0.undo(undo).unwrap();
    }
    fn sees(&mut self, check: &Check, wanted: bool) -> bool {
        self.look(check) == wanted
    }
    fn proves(&mut self, act: &Act, effective: &Check) -> bool {
        let before = self.look(effective);
        self.act(act);
        !before && self.look(effective)
    }
}

/// A server that serves, refuses after `/disable`, and serves again after `/enable`.
fn server() -> Credential {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let mut disabled = false;
        for stream in listener.incoming().flatten() {
            let path = asked(&stream).unwrap_or_default();
            match path.as_str() {
                "/disable" => disabled = true,
                "/enable" => disabled = false,
                _ => {}
            }
            let status = if path == "/probe" && disabled {
                403
            } else {
                200
            };
            let _ = write!(&stream, "HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let request = |path: &str| Request {
        at: at.clone(),
        method: "PUT".into(),
        path: path.into(),
        headers: vec![("x-signed".into(), "yes".into())],
        body: None,
    };
    Credential {
        name: "key".into(),
        disable: request("/disable"),
        enable: request("/enable"),
        probe: request("/probe"),
    }
}

/// The path, where the whole head came and carries the signature.
fn asked(stream: &TcpStream) -> Option<String> {
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let signed = head.iter().any(|line| line == "x-signed: yes");
    let path = head.first()?.split(' ').nth(1)?;
    signed.then(|| path.to_owned())
}

macro_rules! cases {
    ($($name:ident)*) => {
        mod model_world {
            $(#[test] fn $name() {
                use super::scene::ground::Ground as _;
                let mut world = super::world();
                let key = world.facts()[0].credential.clone().unwrap();
                super::$name(&mut world, &key);
            })*
        }
        mod on_a_server {
            $(#[test] fn $name() { super::$name(&mut super::hands(), &super::server()); })*
        }
    };
}

cases! {
    a_credential_is_refused_until_it_is_given_back
    a_credential_that_was_refused_stays_so
    an_undo_whose_act_never_happened_changes_nothing
}

fn disable(key: &Credential) -> Act {
    Act::Call(call::Act::Disable {
        credential: Box::new(key.clone()),
        container: "c".into(),
    })
}

fn refused(key: &Credential, refused: bool) -> Check {
    Check::Call(seen::Check::Refused {
        credential: Box::new(key.clone()),
        refused,
    })
}

fn a_credential_is_refused_until_it_is_given_back(ground: &mut dyn Ground, key: &Credential) {
    let act = disable(key);
    let undo = ground.record(&act);
    assert!(ground.proves(&act, &refused(key, true)));
    assert!(ground.sees(&refused(key, false), false));
    for _ in 0..2 {
        ground.undo(&undo);
        assert!(ground.sees(&refused(key, false), true));
    }
}

fn a_credential_that_was_refused_stays_so(ground: &mut dyn Ground, key: &Credential) {
    ground.act(&disable(key));
    let undo = ground.record(&disable(key));
    assert!(matches!(
        &undo,
        Undo::Call(call::Undo::Enable {
            was_refused: true,
            ..
        })
    ));
    ground.act(&disable(key));
    ground.undo(&undo);
    assert!(ground.sees(&refused(key, true), true));
}

fn an_undo_whose_act_never_happened_changes_nothing(ground: &mut dyn Ground, key: &Credential) {
    let undo = ground.record(&disable(key));
    ground.undo(&undo);
    assert!(ground.sees(&refused(key, false), true));
}
