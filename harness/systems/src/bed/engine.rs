//! What the bed asks of the engine: a network with a subnet of its own, containers with fixed addresses, labels on everything.
//!
//! testcontainers gives no fixed address and no labels on networks, so this goes through its re-exported client. A label is set when
//! a thing is made: between making and owning, a killed harness would leave it behind unnamed.
use super::{
    Recipe, Site,
    subnet::{self, Subnet},
    wait::failed,
};
use model::{drive::Drive, system::BedError};
use std::{collections::HashMap, net::TcpListener};
use testcontainers::bollard::{
    Docker,
    errors::Error,
    models::{
        ContainerCreateBody, ContainerInspectResponse, EndpointIpamConfig, EndpointSettings,
        HostConfig, HostConfigLogConfig, Ipam, IpamConfig, NetworkCreateRequest, NetworkingConfig,
        PortBinding, RestartPolicy, RestartPolicyNameEnum, VolumeCreateRequest,
    },
    query_parameters::{CreateContainerOptionsBuilder, LogsOptionsBuilder},
};

/// Label whose value is the run id; removal goes by it alone.
pub const RUN_LABEL: &str = "brinell.run";
/// Label whose value is `<pid>:<start ticks>:<boot id>` of the harness.
pub const OWNER_LABEL: &str = "brinell.owner";
/// Label whose value is the node.
pub const NODE_LABEL: &str = "brinell.node";

/// Log files of a container: at most 2 x 16 MB, since a broken drive writes a stack trace per request.
const LOG_SIZE: (&str, &str) = ("16m", "2");

/// Labels of anything that belongs to the run.
fn labels(site: &Site) -> HashMap<String, String> {
    [(RUN_LABEL, &site.run), (OWNER_LABEL, &site.owner)]
        .map(|(key, value)| (key.to_owned(), value.clone()))
        .into()
}

/// Name of a thing of the run.
pub(crate) fn named(run: &str, thing: &str) -> String {
    format!("brinell-{run}-{thing}")
}

/// Ports on 127.0.0.1, held open until all are picked so that none comes twice.
pub(crate) fn pick_ports(count: usize) -> std::io::Result<Vec<u16>> {
    let held: Vec<TcpListener> = (0..count)
        .map(|_| TcpListener::bind(("127.0.0.1", 0)))
        .collect::<Result<_, _>>()?;
    held.iter()
        .map(|listener| Ok(listener.local_addr()?.port()))
        .collect()
}

/// A subnet that neither the engine nor the host uses now.
pub(crate) async fn pick_subnets(docker: &Docker) -> Result<Vec<Subnet>, BedError> {
    let known = docker.list_networks(None).await;
    let known = known.map_err(|error| failed("list networks", error))?;
    let configs = known
        .into_iter()
        .filter_map(|network| network.ipam?.config)
        .flatten();
    let mut used: Vec<Subnet> = configs
        .filter_map(|config| Subnet::parse(&config.subnet?))
        .collect();
    let table = std::fs::read_to_string("/proc/net/route").unwrap_or_default();
    used.extend(subnet::routes(&table));
    Ok(subnet::free(&used).take(8).collect())
}

/// Makes the run's network on that subnet; `false` where another network took it meanwhile.
pub(crate) async fn make_network(
    docker: &Docker,
    run: (&str, &str),
    subnet: Subnet,
) -> Result<bool, BedError> {
    let pool = IpamConfig {
        subnet: Some(subnet.to_string()),
        gateway: Some(subnet.address(1).to_string()),
        ..Default::default()
    };
    let request = NetworkCreateRequest {
        name: named(run.0, "net"),
        driver: Some("bridge".into()),
        ipam: Some(Ipam {
            config: Some(vec![pool]),
            ..Default::default()
        }),
        labels: Some(
            [
                (RUN_LABEL.into(), run.0.into()),
                (OWNER_LABEL.into(), run.1.into()),
            ]
            .into(),
        ),
        ..Default::default()
    };
    match docker.create_network(request).await {
        Ok(_) => Ok(true),
        Err(Error::DockerResponseServerError { message, .. }) if message.contains("overlap") => {
            Ok(false)
        }
        Err(error) => Err(failed("make the run's network", error)),
    }
}

/// Makes the volumes of a container, then the container; starts nothing. Gives its full id.
pub(crate) async fn make(
    docker: &Docker,
    site: &Site,
    image: &str,
    recipe: &Recipe,
) -> Result<String, BedError> {
    for (name, _) in volumes(site, recipe) {
        let request = VolumeCreateRequest {
            name: Some(named(&site.run, &name)),
            labels: Some(labels(site)),
            ..Default::default()
        };
        let made = docker.create_volume(request).await;
        made.map_err(|error| failed(format!("make volume `{name}`"), error))?;
    }
    let options = CreateContainerOptionsBuilder::default()
        .name(&named(&site.run, &recipe.node))
        .build();
    let made = docker
        .create_container(Some(options), body(site, image, recipe)?)
        .await;
    made.map(|made| made.id)
        .map_err(|error| failed(format!("make container `{}`", recipe.node), error))
}

fn body(site: &Site, image: &str, recipe: &Recipe) -> Result<ContainerCreateBody, BedError> {
    let mut labels = labels(site);
    labels.insert(NODE_LABEL.into(), recipe.node.clone());
    let words = |words: &[String]| (!words.is_empty()).then(|| words.to_vec());
    let env = recipe
        .env
        .iter()
        .map(|(key, value)| format!("{key}={value}"));
    let inside = || site.ports.keys().filter(|(node, _)| *node == recipe.node);
    Ok(ContainerCreateBody {
        hostname: Some(recipe.node.clone()),
        image: Some(image.to_owned()),
        entrypoint: words(&recipe.entry),
        cmd: words(&recipe.command),
        env: Some(env.collect()),
        labels: Some(labels),
        exposed_ports: Some(inside().map(|(_, port)| format!("{port}/tcp")).collect()),
        host_config: Some(host_config(site, recipe)),
        networking_config: Some(network_config(site, &recipe.node)?),
        ..Default::default()
    })
}

fn network_config(site: &Site, node: &str) -> Result<NetworkingConfig, BedError> {
    let fixed = EndpointIpamConfig {
        ipv4_address: Some(site.address(node)?.to_string()),
        ..Default::default()
    };
    let settings = EndpointSettings {
        ipam_config: Some(fixed),
        aliases: Some(vec![node.to_owned()]),
        ..Default::default()
    };
    Ok(NetworkingConfig {
        endpoints_config: Some([(named(&site.run, "net"), settings)].into()),
    })
}

/// Named volumes: its own, and those in place of drives.
fn volumes(site: &Site, recipe: &Recipe) -> Vec<(String, String)> {
    [recipe.volumes.clone(), site.stand_ins(&recipe.node)].concat()
}

/// What is mounted where. The folder of a node's drives is a slave of the host's: what is mounted in it later on arrives.
fn binds(site: &Site, recipe: &Recipe) -> Vec<String> {
    let volume = |(name, at): &(String, String)| format!("{}:{at}", named(&site.run, name));
    let folder = |drive: &Drive| format!("{}:{}:rslave", drive.folder(), drive.folder_inside());
    let mut folders: Vec<String> = site.drives(&recipe.node).map(folder).collect();
    folders.dedup();
    folders.extend(volumes(site, recipe).iter().map(volume));
    folders
}

fn host_config(site: &Site, recipe: &Recipe) -> HostConfig {
    let published = site
        .ports
        .iter()
        .filter(|((node, _), _)| *node == recipe.node);
    let bindings = published.map(|((_, inside), outside)| {
        let binding = PortBinding {
            host_ip: Some("127.0.0.1".into()),
            host_port: Some(outside.to_string()),
        };
        (format!("{inside}/tcp"), Some(vec![binding]))
    });
    HostConfig {
        network_mode: Some(named(&site.run, "net")),
        port_bindings: Some(bindings.collect()),
        binds: Some(binds(site, recipe)),
        init: Some(true),
        restart_policy: recipe.restart.then(always),
        log_config: Some(HostConfigLogConfig {
            typ: Some("json-file".into()),
            config: Some(
                [
                    ("max-size".into(), LOG_SIZE.0.into()),
                    ("max-file".into(), LOG_SIZE.1.into()),
                ]
                .into(),
            ),
        }),
        ..Default::default()
    }
}

/// Restarted after a kill by host pid, not after one through the engine (it takes that for the user's wish).
fn always() -> RestartPolicy {
    RestartPolicy {
        name: Some(RestartPolicyNameEnum::ALWAYS),
        maximum_retry_count: None,
    }
}

/// Starts a container.
pub(crate) async fn start(docker: &Docker, node: &str, id: &str) -> Result<(), BedError> {
    let started = docker.start_container(id, None).await;
    started.map_err(|error| failed(format!("start container `{node}`"), error))
}

/// What the engine says of a node's container now.
pub(crate) async fn inspect(
    docker: &Docker,
    run: &str,
    node: &str,
) -> Result<ContainerInspectResponse, BedError> {
    let asked = docker.inspect_container(&named(run, node), None).await;
    asked.map_err(|error| failed(format!("inspect container of `{node}`"), error))
}

/// The last `lines` of a container's output, both streams, at most `cap` bytes of its end; the flag says that some is missing.
pub(crate) async fn tail(
    docker: &Docker,
    run: &str,
    node: &str,
    lines: &str,
    cap: usize,
) -> (Vec<u8>, bool) {
    use futures_util::StreamExt as _;
    let options = LogsOptionsBuilder::default()
        .stdout(true)
        .stderr(true)
        .tail(lines)
        .build();
    let mut stream = std::pin::pin!(docker.logs(&named(run, node), Some(options)));
    let (mut bytes, mut cut) = (Vec::new(), false);
    while let Some(Ok(part)) = stream.next().await {
        bytes.extend_from_slice(part.as_ref());
        if bytes.len() > 2 * cap {
            bytes.drain(..bytes.len() - cap);
            cut = true;
        }
    }
    cut |= bytes.len() > cap;
    let from = bytes.len().saturating_sub(cap);
    (bytes.split_off(from), cut)
}
