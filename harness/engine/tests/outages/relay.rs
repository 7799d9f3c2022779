//! A relay on loopback in front of a server that sends back what it gets, and the switch that turns it off.
use engine::clock::Clock;
use model::{seed::Draw, units::Nanos};
use std::{io, net::SocketAddr, sync::mpsc, thread, time::Duration};
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

/// One outage as its relay knows it.
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
    /// Both ends to half a millisecond: the length to one.
    pub fn is_sharp(&self) -> bool {
        let width = |(from, to): (Nanos, Nanos)| to.since(from).0;
        width(self.off).max(width(self.on)) < model::units::MS / 2
    }
}

/// A running relay.
pub struct Relay {
    /// Where clients connect.
    pub address: SocketAddr,
    gate: watch::Sender<bool>,
}

impl Relay {
    /// Starts it with its server, on a thread and a runtime of its own that end with the process.
    pub fn start(kind: Kind) -> io::Result<Self> {
        let (gate, open) = watch::channel(true);
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(serve(kind, open, tell))
        });
        let address = told.recv().map_err(io::Error::other)?;
        Ok(Self { address, gate })
    }

    /// Turns it off for `long` and on again; what it saw of that itself.
    fn outage(&self, clock: Clock, nominal: u64, long: Duration) -> Known {
        let turn = |open: bool| {
            let before = clock.now();
            self.gate.send_replace(open);
            (before, clock.now())
        };
        let off = turn(false);
        thread::sleep(long);
        Known {
            nominal,
            off,
            on: turn(true),
        }
    }

    /// So many outages of drawn lengths at drawn instants, apart by more than it takes to see the last one over.
    pub fn outages(&self, clock: Clock, name: &str, period: Nanos, count: usize) -> Vec<Known> {
        let mut draw = Draw::new(7, name);
        let mut one = || {
            let jitter = |draw: &mut Draw| Duration::from_nanos(draw.below(period.0));
            thread::sleep(Duration::from_millis(250) + jitter(&mut draw));
            let nominal = crate::LENGTHS[draw.below(crate::LENGTHS.len() as u64) as usize];
            let long = Duration::from_millis(nominal) + jitter(&mut draw);
            self.outage(clock, nominal, long)
        };
        (0..count).map(|_| one()).collect()
    }
}

async fn serve(
    kind: Kind,
    open: watch::Receiver<bool>,
    tell: mpsc::Sender<SocketAddr>,
) -> io::Result<()> {
    let (relay, server) = (
        TcpListener::bind("127.0.0.1:0").await?,
        TcpListener::bind("127.0.0.1:0").await?,
    );
    let behind = server.local_addr()?;
    tell.send(relay.local_addr()?).map_err(io::Error::other)?;
    let mut flight = JoinSet::new();
    loop {
        tokio::select! {
            Ok((client, _)) = relay.accept() => { flight.spawn(carry(client, kind, open.clone(), behind)); }
            Ok((client, _)) = server.accept() => { flight.spawn(answer(client)); }
            Some(_) = flight.join_next() => {}
        }
    }
}

/// One request: it passes if the relay is on at the very instant at which it asks.
async fn carry(
    mut client: TcpStream,
    kind: Kind,
    mut open: watch::Receiver<bool>,
    behind: SocketAddr,
) -> io::Result<()> {
    let mut byte = [0];
    client.read_exact(&mut byte).await?;
    let is_open = *open.borrow();
    if !is_open {
        if kind == Kind::Refuses {
            return Ok(());
        }
        open.wait_for(|open| *open)
            .await
            .map_err(io::Error::other)?;
    }
    let mut server = TcpStream::connect(behind).await?;
    server.write_all(&byte).await?;
    server.read_exact(&mut byte).await?;
    client.write_all(&byte).await
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
