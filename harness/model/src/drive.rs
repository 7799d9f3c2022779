//! Drives of nodes as real filesystems: what a system asks for, and what it was given.
//!
//! ```text
//! image file -> loop device -> filesystem at `below` -> (a layer that hurts) -> `mount` -> the container's `inside`
//! ```
//! What the container sees is `mount`, a bind of `below`: a layer of ours may be put in between without the container knowing.
use crate::{act::fuse::Layer, facts::Process, ids::NodeId};
use serde::{Deserialize, Serialize};

/// A drive that a system wants for one of its nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveSpec {
    /// The node whose container gets it.
    pub node: NodeId,
    /// Absolute path inside the container; all drives of a node share the parent folder.
    pub inside: String,
    /// Its size; the image is sparse, so that it costs what is written.
    pub size_bytes: u64,
    /// Whether a layer of ours is put over it, so that single operations can be spoilt.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub layered: bool,
}

/// A drive as it was made.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Drive {
    /// The node whose container sees it.
    pub node: NodeId,
    /// Path inside the container.
    pub inside: String,
    /// What the container sees, by its path on the host; its parent folder is what is bound into the container.
    pub mount: String,
    /// The filesystem itself, by its path on the host.
    pub below: String,
    /// Its block device.
    pub device: String,
    /// `major:minor` of that device: the device number of every file on it.
    pub number: String,
    /// The file behind the device.
    pub image: String,
    /// Kind of filesystem.
    pub filesystem: String,
    /// Whether `mount` is a layer of ours over `below`, not the filesystem itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub layered: bool,
}

/// A byte at rest on a drive, in a file that its system wrote: something that can rot.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Spot {
    /// The file, by its path on the host.
    pub file: String,
    /// Number of its inode: another one means that the system wrote the file afresh.
    pub inode: u64,
    /// Where in the file.
    pub offset: u64,
    /// The byte that belongs there.
    pub byte: u8,
}

/// Where the kernel takes limits on the block devices of a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Throttle {
    /// The container's init: with it the group, and every limit in it, ends.
    pub init: Process,
    /// Folder of the group, of cgroup v1 (`blkio`) or v2.
    pub group: String,
    /// Whether it is of cgroup v2.
    pub unified: bool,
}

impl DriveSpec {
    /// Last part of its path: tells the drives of a node apart.
    pub fn name(&self) -> &str {
        self.inside.rsplit('/').next().unwrap_or_default()
    }

    /// The folder in the container that holds all drives of the node.
    pub fn folder(&self) -> &str {
        parent(&self.inside)
    }
}

impl Drive {
    /// Where the drive of `spec` is below the run's `folder`, on the block device `device` with that number.
    pub fn placed(folder: &str, spec: &DriveSpec, device: &str, number: &str) -> Self {
        let (home, name) = (format!("{folder}/{}", spec.node), spec.name());
        Self {
            node: spec.node.clone(),
            inside: spec.inside.clone(),
            mount: format!("{home}/at/{name}"),
            below: format!("{home}/below/{name}"),
            device: device.to_owned(),
            number: number.to_owned(),
            image: format!("{home}/{name}.img"),
            filesystem: "ext4".to_owned(),
            layered: spec.layered,
        }
    }

    /// The layer over it; none where the container sees the filesystem itself.
    pub fn layer(&self) -> Option<Layer> {
        self.layered.then(|| Layer {
            below: self.below.clone(),
            mount: self.mount.clone(),
            page: format!("{}.page", self.image.trim_end_matches(".img")),
        })
    }

    /// The drive that stands in for it while it is replaced by an empty one.
    pub fn spare(&self, device: &str, number: &str) -> Self {
        Self {
            below: format!("{}-spare", self.below),
            device: device.to_owned(),
            number: number.to_owned(),
            image: format!("{}-spare.img", self.image.trim_end_matches(".img")),
            ..self.clone()
        }
    }

    /// The folder on the host that is bound into the container.
    pub fn folder(&self) -> &str {
        parent(&self.mount)
    }

    /// Where the container sees that folder.
    pub fn folder_inside(&self) -> &str {
        parent(&self.inside)
    }
}

impl Throttle {
    /// The group of a container, from the text of `/proc/PID/cgroup` of its init; none for the root group.
    pub fn of_cgroup(init: Process, text: &str) -> Option<Self> {
        let lines = || {
            text.lines()
                .filter_map(|line| line.split_once(':')?.1.split_once(':'))
        };
        let v1 = lines().find(|(names, _)| names.split(',').any(|name| name == "blkio"));
        let v2 = lines().find(|(names, _)| names.is_empty());
        let (mount, path, unified) = match (v1, v2) {
            (Some((_, path)), _) => ("/sys/fs/cgroup/blkio", path, false),
            (None, Some((_, path))) => ("/sys/fs/cgroup", path, true),
            (None, None) => return None,
        };
        let group = format!("{mount}{}", path.trim_end());
        (path.trim_end() != "/").then_some(Self {
            init,
            group,
            unified,
        })
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_of_block_devices_is_found_in_both_generations_and_never_at_the_root() {
        let init = Process {
            pid: 7,
            start_ticks: 9,
        };
        let of = |text| {
            Throttle::of_cgroup(init.clone(), text).map(|found| (found.group, found.unified))
        };
        let v1 = "9:freezer:/docker/abc\n4:blkio:/docker/abc\n0::/\n";
        assert_eq!(
            of(v1),
            Some(("/sys/fs/cgroup/blkio/docker/abc".into(), false))
        );
        let v2 = "0::/system.slice/docker-abc.scope\n";
        assert_eq!(
            of(v2),
            Some(("/sys/fs/cgroup/system.slice/docker-abc.scope".into(), true))
        );
        assert_eq!(of("4:blkio:/\n0::/x\n"), None);
    }

    #[test]
    fn a_drive_is_named_by_the_last_part_of_its_path() {
        let spec = DriveSpec {
            node: "n".into(),
            inside: "/drives/1".into(),
            size_bytes: 1,
            layered: false,
        };
        assert_eq!((spec.folder(), spec.name()), ("/drives", "1"));
    }
}
