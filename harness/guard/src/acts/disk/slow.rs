//! Limits how fast a container uses a drive, with the kernel's own throttle of block devices. Writes that only reach the page cache
//! are not held back; what is synced, or read from the medium, is.
use super::Deed;
use crate::process;
use model::{
    act::{
        Undo,
        disk::{self, Pace},
    },
    drive::{Drive, Throttle},
};
use std::{fs, io};

struct Slow {
    drive: Drive,
    throttle: Throttle,
    pace: Pace,
    was: (u64, u64),
}

/// Reads the limits that are there.
///
/// # Errors
/// There is no such group, or another container's.
pub fn prepare(
    drive: &Drive,
    throttle: &Throttle,
    pace: Pace,
) -> Result<impl Deed + use<>, String> {
    let was = limits(drive, throttle, pace);
    let was = was.map_err(|error| format!("read the limits in {}: {error}", throttle.group))?;
    Ok(Slow {
        drive: drive.clone(),
        throttle: throttle.clone(),
        pace,
        was,
    })
}

impl Deed for Slow {
    fn undo(&self) -> Undo {
        Undo::Disk(Box::new(disk::Undo::Hasten {
            drive: self.drive.clone(),
            throttle: self.throttle.clone(),
            pace: self.pace,
            was: self.was,
        }))
    }
    fn backend(&self) -> String {
        if self.throttle.unified {
            "io.max v2"
        } else {
            "blkio throttle v1"
        }
        .to_owned()
    }
    fn go(&mut self) -> Result<(), String> {
        let (Pace::Bytes(most) | Pace::Operations(most)) = self.pace;
        set(&self.drive, &self.throttle, self.pace, (most, most))
    }
}

/// Puts the limits back; with the container's init its group has gone, and every limit in it.
///
/// # Errors
/// What the kernel says.
pub fn hasten(
    drive: &Drive,
    throttle: &Throttle,
    pace: Pace,
    was: (u64, u64),
) -> Result<(), String> {
    if !process::lives(&throttle.init) {
        return Ok(());
    }
    let set = set(drive, throttle, pace, was);
    // It may have gone meanwhile.
    if process::lives(&throttle.init) {
        set
    } else {
        Ok(())
    }
}

/// Names of the limits on reads and on writes: of v1 the file, of v2 the word in `io.max`.
const fn words(throttle: &Throttle, pace: Pace) -> [&'static str; 2] {
    match (throttle.unified, pace) {
        (false, Pace::Bytes(_)) => [
            "blkio.throttle.read_bps_device",
            "blkio.throttle.write_bps_device",
        ],
        (false, Pace::Operations(_)) => [
            "blkio.throttle.read_iops_device",
            "blkio.throttle.write_iops_device",
        ],
        (true, Pace::Bytes(_)) => ["rbps", "wbps"],
        (true, Pace::Operations(_)) => ["riops", "wiops"],
    }
}

fn limits(drive: &Drive, throttle: &Throttle, pace: Pace) -> io::Result<(u64, u64)> {
    let [read, written] = words(throttle, pace);
    let line = |text: &str| {
        let mut lines = text.lines().map(str::split_whitespace);
        lines.find_map(|mut words| {
            (words.next() == Some(&drive.number))
                .then(|| words.map(str::to_owned).collect::<Vec<_>>())
        })
    };
    if throttle.unified {
        let words =
            line(&fs::read_to_string(format!("{}/io.max", throttle.group))?).unwrap_or_default();
        let of = |name: &str| {
            let value = words
                .iter()
                .find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
            value.and_then(|value| value.parse().ok()).unwrap_or(0)
        };
        return Ok((of(read), of(written)));
    }
    let of = |file: &str| {
        let text = fs::read_to_string(format!("{}/{file}", throttle.group))?;
        let value = line(&text).and_then(|words| words.first()?.parse().ok());
        io::Result::Ok(value.unwrap_or(0))
    };
    Ok((of(read)?, of(written)?))
}

fn set(drive: &Drive, throttle: &Throttle, pace: Pace, most: (u64, u64)) -> Result<(), String> {
    let [read, written] = words(throttle, pace);
    let write = |file: &str, line: String| {
        let path = format!("{}/{file}", throttle.group);
        fs::write(&path, line).map_err(|error| format!("write {path}: {error}"))
    };
    if throttle.unified {
        let word = |most: u64| {
            if most == 0 {
                "max".to_owned()
            } else {
                most.to_string()
            }
        };
        let line = format!(
            "{} {read}={} {written}={}",
            drive.number,
            word(most.0),
            word(most.1)
        );
        return write("io.max", line);
    }
    write(read, format!("{} {}", drive.number, most.0))?;
    write(written, format!("{} {}", drive.number, most.1))
}
