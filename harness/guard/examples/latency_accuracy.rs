//! How close a held packet comes to what was asked: `cargo run --release -p guard --example latency_accuracy [ROUNDS]` as root.
//!
//! Two processes with a network each, joined by a bridge, exchange one datagram after the other: first undisturbed, then with
//! 20 ms asked in one direction. What is printed is |round trip - median of before - asked|. Both ends run at real-time
//! priority, so that the instrument does not measure its own scheduling.
use guard::{acts::Hands, detach, engine_socket::Engine, queue};
use model::{
    act::{
        Act,
        net::Flow,
        queue::{Act as Packets, Treatment},
    },
    units::{MS, Nanos},
};
use std::{
    env,
    error::Error,
    io::{self, BufRead, BufReader, Write},
    net::{Ipv4Addr, UdpSocket},
    process::{Child, Command, Stdio, exit},
    thread,
    time::{Duration, Instant},
};

type Done<T> = Result<T, Box<dyn Error>>;

const ASKED: Nanos = Nanos::ms(20);
const ROUNDS: usize = 1000;
const PORT: u16 = 7007;
const ASKER: Ipv4Addr = Ipv4Addr::new(10, 77, 9, 1);
const ANSWERER: Ipv4Addr = Ipv4Addr::new(10, 77, 9, 2);

fn main() {
    let mut args = env::args().skip(1);
    let done = match args.next().as_deref() {
        Some(queue::WORKER) => exit(queue::worker::main(args)),
        Some("ask") => ask(),
        Some("answer") => answer(),
        rounds => measure(rounds.and_then(|text| text.parse().ok()).unwrap_or(ROUNDS)),
    };
    if let Err(error) = done {
        eprintln!("failed to {error}");
        exit(1);
    }
}

fn measure(rounds: usize) -> Done<()> {
    // SAFETY: no other thread runs yet; everything made here ends with this process.
    if unsafe { libc::unshare(libc::CLONE_NEWNET) } != 0 {
        return Err("make a network of its own: run as root".into());
    }
    run("ip link add br0 type bridge")?;
    run("ip link set br0 up")?;
    let mut ends = [end("ask", 1, ASKER)?, end("answer", 2, ANSWERER)?];
    let told = compare(&mut ends[0], rounds);
    for end in &mut ends {
        end.kill()?;
        end.wait()?;
    }
    told
}

fn compare(asker: &mut Child, rounds: usize) -> Done<()> {
    let (mut input, output) = (asker.stdin.take(), asker.stdout.take());
    let (Some(input), Some(output)) = (&mut input, output) else {
        return Err("reach the asking end".into());
    };
    let mut output = BufReader::new(output);
    let mut trips = |rounds: usize| -> Done<Vec<u64>> {
        writeln!(input, "{rounds}")?;
        let mut line = String::new();
        output.read_line(&mut line)?;
        let read = line.split_whitespace().map(str::parse);
        Ok(read.collect::<Result<Vec<u64>, _>>()?)
    };
    trips(50)?;
    let before = sorted(trips(rounds)?);
    let hands = Hands::of("latency-accuracy", Engine::find());
    let act = Act::Queue(Packets::Divert {
        flows: vec![Flow {
            from: ASKER,
            to: ANSWERER,
        }],
        treatment: Treatment::hold(ASKED, Nanos(0), 1),
        lifetime_ms: 600_000,
    });
    let mut deed = hands.prepare(&act)?;
    deed.ready()?;
    deed.go()?;
    let (backend, undo) = (deed.backend(), deed.undo());
    drop(deed);
    let slowed = trips(rounds);
    hands.undo(&undo)?;
    let median = quantile(&before, 0.5);
    let off = |trip: u64| trip.saturating_sub(median).abs_diff(ASKED.0);
    let off = sorted(slowed?.into_iter().map(off).collect());
    println!("backend  {backend}");
    println!("before   {}", told(&before));
    println!("|measured - {} ms|  {}", ASKED.0 / MS, told(&off));
    Ok(())
}

fn sorted(mut all: Vec<u64>) -> Vec<u64> {
    all.sort_unstable();
    all
}

fn quantile(sorted: &[u64], share: f64) -> u64 {
    let last = sorted.len().saturating_sub(1);
    let at = (last as f64 * share).round() as usize;
    sorted.get(at).copied().unwrap_or_default()
}

fn told(sorted: &[u64]) -> String {
    let ms = |share| quantile(sorted, share) as f64 / MS as f64;
    let (n, p50, p99, max) = (sorted.len(), ms(0.5), ms(0.99), ms(1.0));
    format!("p50 {p50:.3} ms  p99 {p99:.3} ms  max {max:.3} ms  (n = {n})")
}

/// A process of this program in a network of its own, with a cable to the bridge.
fn end(role: &str, at: u8, address: Ipv4Addr) -> Done<Child> {
    let mut command = Command::new("unshare");
    let command = command.arg("--net").arg(env::current_exe()?).arg(role);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let child = child.spawn()?;
    let pid = child.id();
    let own = std::fs::read_link("/proc/thread-self/ns/net")?;
    let space = format!("/proc/{pid}/ns/net");
    let deadline = Instant::now() + Duration::from_secs(10);
    while std::fs::read_link(&space)? == own && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(1));
    }
    run(&format!("ip link add v{at} type veth peer name e{at}"))?;
    run(&format!("ip link set v{at} master br0 up"))?;
    run(&format!("ip link set e{at} netns {pid}"))?;
    run(&format!(
        "nsenter -t {pid} -n ip addr add {address}/24 dev e{at}"
    ))?;
    run(&format!("nsenter -t {pid} -n ip link set e{at} up"))?;
    Ok(child)
}

fn run(line: &str) -> Done<()> {
    let mut words = line.split(' ');
    let program = words.next().unwrap_or_default();
    let done = Command::new(program).args(words).output()?;
    if done.status.success() {
        return Ok(());
    }
    Err(format!("{line}: {}", String::from_utf8_lossy(&done.stderr)).into())
}

/// The address comes after the process that will have it.
fn socket(address: Ipv4Addr) -> Done<UdpSocket> {
    detach::first_in_line(40);
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match UdpSocket::bind((address, PORT)) {
            Ok(socket) => return Ok(socket),
            Err(error) if Instant::now() > deadline => return Err(error.into()),
            Err(_) => thread::sleep(Duration::from_millis(1)),
        }
    }
}

fn answer() -> Done<()> {
    let socket = socket(ANSWERER)?;
    let mut bytes = [0; 8];
    loop {
        let (_, whom) = socket.recv_from(&mut bytes)?;
        // Nobody hears: the asker asks again.
        let _ = socket.send_to(&bytes, whom);
    }
}

/// For each line with a number: so many round trips, in ns, on one line.
fn ask() -> Done<()> {
    let socket = socket(ASKER)?;
    socket.set_read_timeout(Some(Duration::from_millis(500)))?;
    for line in io::stdin().lock().lines() {
        let rounds: usize = line?.parse()?;
        let mut trips = Vec::with_capacity(rounds);
        for number in 0.. {
            if trips.len() == rounds {
                break;
            }
            trips.extend(trip(&socket, number).map(|trip| trip.to_string()));
        }
        println!("{}", trips.join(" "));
    }
    Ok(())
}

/// None where the answer does not come, or an older one does.
fn trip(socket: &UdpSocket, number: u64) -> Option<u128> {
    let (sent, began) = (number.to_le_bytes(), Instant::now());
    socket.send_to(&sent, (ANSWERER, PORT)).ok()?;
    let mut bytes = [0; 8];
    socket.recv(&mut bytes).ok()?;
    (bytes == sent).then(|| began.elapsed().as_nanos())
}
