//! What runs on a scene of its own accord: a connection that stands, a resolver that answers.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::{Scene, run};
use guard::netns;
use std::{
    net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

#[derive(Default)]
pub struct Traffic {
    streams: Vec<TcpStream>,
    over: Arc<AtomicBool>,
    resolver: Option<JoinHandle<()>>,
}

impl Drop for Traffic {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(resolver) = self.resolver.take() {
            let _ = resolver.join();
        }
    }
}

impl Scene {
    /// From the first node to the second.
    pub fn connect(&mut self) {
        let space = |at: usize| netns::there(&self.nodes[at].process).unwrap();
        let address = self.nodes[1].address;
        let listener = space(1)
            .inside(move || TcpListener::bind((address, 0)))
            .unwrap();
        let to = listener.local_addr().unwrap();
        let open = space(0).inside(move || TcpStream::connect_timeout(&to, Duration::from_secs(5)));
        let taken = listener.accept().unwrap().0;
        self.traffic.streams.extend([open.unwrap(), taken]);
    }

    /// Answers every query with itself, where Docker's resolver would be.
    pub fn resolve(&mut self) {
        let node = &self.nodes[0].process;
        run("nsenter", &format!("-t {} -n ip link set lo up", node.pid));
        let server = Ipv4Addr::new(127, 0, 0, 11);
        let space = netns::there(node).unwrap();
        let socket = space.inside(move || UdpSocket::bind((server, 53))).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_millis(50)))
            .unwrap();
        let over = self.traffic.over.clone();
        let answer = move || {
            let mut bytes = [0; 512];
            while !over.load(Ordering::Relaxed) {
                if let Ok((length, from)) = socket.recv_from(&mut bytes) {
                    let _ = socket.send_to(&bytes[..length], from);
                }
            }
        };
        self.traffic.resolver = Some(thread::spawn(answer));
    }
}
