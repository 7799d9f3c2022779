//! What the kernel's network can carry, tried in network namespaces that end with their threads.
use crate::{filter::Filter, lane::Item, link, netlink::Netlink, nft::Nft, qdisc, sockets};
use model::act::net::{Fate, Flow};
use std::{
    fs, io,
    net::{Ipv4Addr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

/// Addresses that documents use: nobody has them.
const NOBODY: Flow = Flow {
    from: Ipv4Addr::new(192, 0, 2, 1),
    to: Ipv4Addr::new(192, 0, 2, 2),
};
/// Where the bridge tells whether it shows its packets to the ip family.
const BRIDGE_CALLS: &str = "/proc/sys/net/bridge/bridge-nf-call-iptables";

/// A lane like a run's.
pub fn filter(fate: Fate, needs: &'static str) -> Result<String, String> {
    scratch(move || {
        let mut filter = Filter::of("probe");
        let doors = matches!(fate, Fate::Doubled(_)).then(|| ("lo".to_owned(), "lo".to_owned()));
        let item = Item {
            flow: NOBODY,
            doors,
        };
        let tried = filter.add(fate, &[item], 1_000, crate::clock::mono_ns());
        let removed = filter.remove();
        tried.and(removed).map_err(|why| {
            format!("use nft as a filter between nodes: {why}; needs a kernel with {needs}")
        })?;
        filter.backend(fate)
    })
}

/// As [`filter`], where the bridge shows its packets to that family.
pub fn bridge_reset() -> Result<String, String> {
    let shown = fs::read_to_string(BRIDGE_CALLS).unwrap_or_default();
    if shown.trim() != "1" {
        return Err(format!(
            "see bridged packets in the ip family: {BRIDGE_CALLS} is not 1; load br_netfilter and set it"
        ));
    }
    filter(Fate::Reset, "nft_reject_ipv4")
}

/// A rule on the way out of a scratch namespace.
pub fn space_filter() -> Result<String, String> {
    scratch(|| {
        let mut nft = Nft::open()?;
        let flags = nft.table_flags();
        let tried = nft.run(&format!(
            "add table ip probe {{ {flags} }}
             add set ip probe fast {{ type ipv4_addr; flags timeout; }}
             add chain ip probe fast {{ type filter hook output priority -300; policy accept; }}
             add rule ip probe fast ip daddr @fast meta l4proto {{ tcp, udp }} th dport 53 drop
             add element ip probe fast {{ 192.0.2.1 timeout 1s }}
             delete table ip probe"
        ));
        tried.map_err(|why| format!("use nft in the ip family: {why}; needs nf_tables_ipv4"))?;
        Ok(format!("nft ip, {}", nft.backend()))
    })
}

/// Switches the loopback of a scratch namespace on and off.
pub fn links() -> Result<String, String> {
    let tried = || {
        let lo = loopback()?;
        link::switch(lo, true)?;
        link::switch(lo, false)
    };
    scratch(move || {
        let why = |error| format!("switch a scratch link: {error}; run as root");
        tried().map_err(why)?;
        Ok("rtnetlink".to_owned())
    })
}

/// Limits the loopback of a scratch namespace.
pub fn shaper() -> Result<String, String> {
    let tried = || {
        let lo = loopback()?;
        qdisc::limit(lo, 1 << 20, 1 << 16)?;
        qdisc::lift(lo)
    };
    scratch(move || {
        let why = |error| format!("add a token bucket: {error}; needs a kernel with sch_tbf");
        tried().map_err(why)?;
        Ok("tbf".to_owned())
    })
}

/// Ends a connection of our own, and sees it gone.
pub fn socket_destroy() -> Result<String, String> {
    let tried = || {
        link::switch(loopback()?, true)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let open = TcpStream::connect_timeout(&listener.local_addr()?, Duration::from_secs(1))?;
        sockets::destroy(&[Ipv4Addr::LOCALHOST])?;
        let ended = open.take_error()?;
        ended
            .map(drop)
            .ok_or_else(|| io::Error::other("the connection still stands"))
    };
    scratch(move || {
        let why = |error| {
            format!("end a scratch connection: {error}; needs a kernel with INET_DIAG_DESTROY")
        };
        tried().map_err(why)?;
        Ok("sock_diag".to_owned())
    })
}

fn loopback() -> io::Result<u32> {
    Netlink::open(libc::NETLINK_ROUTE)?;
    let mut links = link::links()?.into_iter();
    let lo = links.find(|link| link.name == "lo");
    lo.map(|link| link.index)
        .ok_or_else(|| io::Error::other("no loopback"))
}

/// Does `work` in a network namespace that ends with its thread.
/// Tries something in a network namespace that ends with its thread.
///
/// # Errors
/// There can be none, or what was tried.
pub fn scratch(
    work: impl FnOnce() -> Result<String, String> + Send + 'static,
) -> Result<String, String> {
    let inside = || {
        // SAFETY: only this thread changes, and it ends here.
        if unsafe { libc::unshare(libc::CLONE_NEWNET) } != 0 {
            let error = io::Error::last_os_error();
            return Err(format!(
                "make a scratch network namespace: {error}; run as root"
            ));
        }
        work()
    };
    let done = thread::spawn(inside).join();
    done.unwrap_or_else(|_| Err("probe the network: its thread ended early".to_owned()))
}
