//! The store's admin interface, as far as it needs no encrypted body: how its drives are, and which copies of an object are missing.
//!
//! Its own metrics lag by up to a minute, so none of them is asked. A call may hang while a peer is dead: each has a deadline.
use super::{USER, doors};
use crate::{
    bed::Site,
    s3::{self, Place},
};
use bytes::Bytes;
use model::{
    facts::{Credential, Request},
    system::BedError,
};
use object_store::{
    aws::{AwsAuthorizer, AwsCredential},
    client::{HttpClient, HttpRequest, HttpRequestBody},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use tokio::time::{Instant, sleep, timeout};

/// Longest answer of one call; 4 to 10 ms are usual, 8 s were seen with a dead peer.
const CALL: Duration = Duration::from_millis(1500);
/// Pause between two questions for the results of a heal.
const PAUSE: Duration = Duration::from_millis(100);

/// What the store itself knows.
pub(crate) struct Admin {
    http: HttpClient,
    places: Vec<(String, Place)>,
    turn: AtomicUsize,
}

/// One object with the states of its copies.
#[derive(Debug, Deserialize)]
struct Item {
    #[serde(default)]
    object: String,
    #[serde(default, rename = "type")]
    kind: String,
    before: Copies,
}

#[derive(Debug, Default, Deserialize)]
struct Copies {
    #[serde(default)]
    drives: Option<Vec<Shard>>,
}

#[derive(Debug, Deserialize)]
struct Shard {
    state: String,
}

#[derive(Debug, Deserialize)]
struct Status {
    #[serde(default, rename = "Summary", alias = "summary")]
    summary: String,
    #[serde(default, rename = "Detail", alias = "detail")]
    detail: String,
    #[serde(default, rename = "Items", alias = "items")]
    items: Option<Vec<Item>>,
}

impl Admin {
    /// Through every server of the testbed.
    ///
    /// # Errors
    /// A client that cannot be made.
    pub(crate) fn new(site: &Site) -> Result<Self, BedError> {
        Ok(Self {
            http: HttpClient::new(s3::connections(CALL)?),
            places: doors::places(site, USER)?,
            turn: AtomicUsize::new(0),
        })
    }

    /// A request signed by `user`, ready to be sent by anybody for the next quarter of an hour.
    fn signed(
        at: &str,
        user: (&str, &str),
        (method, path): (reqwest::Method, &str),
        body: Vec<u8>,
    ) -> Result<HttpRequest, String> {
        let mut request = HttpRequest::new(HttpRequestBody::from(body));
        *request.method_mut() = method;
        let url = format!("http://{at}{path}");
        *request.uri_mut() = url.parse().map_err(|error| format!("{url}: {error}"))?;
        let credential = AwsCredential {
            key_id: user.0.into(),
            secret_key: user.1.into(),
            token: None,
        };
        AwsAuthorizer::new(&credential, "s3", "us-east-1")
            .try_authorize(&mut request, None)
            .map_err(|error| error.to_string())?;
        Ok(request)
    }

    async fn send(
        &self,
        place: &Place,
        what: (reqwest::Method, &str),
        body: Vec<u8>,
    ) -> Result<Bytes, String> {
        let path = format!("/minio/admin/v3/{}", what.1);
        let user = (place.key.as_str(), place.secret.as_str());
        let request = Self::signed(&place.at, user, (what.0, &path), body)?;
        let answered = async {
            let answer = self.http.execute(request).await?;
            let status = answer.status();
            Ok((status, answer.into_body().bytes().await?))
        };
        let answered = timeout(CALL, answered).await;
        let answered: Result<_, object_store::client::HttpError> =
            answered.map_err(|_| "no answer in time".to_owned())?;
        let (status, bytes) = answered.map_err(|error| error.to_string())?;
        if status.is_success() {
            return Ok(bytes);
        }
        let told: String = String::from_utf8_lossy(&bytes).chars().take(200).collect();
        Err(format!("{status}: {told}"))
    }

    async fn call(&self, place: &Place, post: Option<&str>, path: &str) -> Result<Value, String> {
        let method = match post {
            Some(_) => reqwest::Method::POST,
            None => reqwest::Method::GET,
        };
        let body = post.unwrap_or_default().as_bytes().to_vec();
        let told = self.send(place, (method, path), body).await?;
        serde_json::from_slice(&told).map_err(|error| error.to_string())
    }

    /// Makes an account that may read and write every object. As an archive, since the call for one account wants its body encrypted.
    ///
    /// # Errors
    /// What the first server says.
    pub(super) async fn add_user(&self, user: (&str, &str)) -> Result<(), String> {
        let place = &self.places.first().ok_or("no server")?.1;
        let put = (reqwest::Method::PUT, "import-iam");
        self.send(place, put, account(user)).await.map(drop)
    }

    /// How to take an account away, give it back, and see which it is, at one server; none where that is none of the store's.
    pub(super) fn credential(
        &self,
        node: &str,
        user: (&str, &str),
        bucket: &str,
    ) -> Option<Credential> {
        let (_, place) = self.places.iter().find(|(name, _)| name == node)?;
        let root = (place.key.as_str(), place.secret.as_str());
        let set = |status| {
            let path = format!(
                "/minio/admin/v3/set-user-status?accessKey={}&status={status}",
                user.0
            );
            replayable(&place.at, root, (reqwest::Method::PUT, path), Vec::new())
        };
        Some(Credential {
            name: user.0.to_owned(),
            disable: set("disabled")?,
            enable: set("enabled")?,
            probe: probe(&place.at, user, bucket)?,
        })
    }

    /// How to change the secret of an account from the first to the second, and back. The bodies that say so are put into `folder`,
    /// readable by its owner alone.
    ///
    /// # Errors
    /// The node is none of the store's, or the folder cannot be written.
    pub(super) fn rotation(
        &self,
        node: &str,
        user: &str,
        (old, new): (&str, &str),
        (bucket, folder): (&str, &Path),
    ) -> io::Result<Credential> {
        let here = self.places.iter().find(|(name, _)| name == node);
        let place = &here.ok_or(io::ErrorKind::NotFound)?.1;
        let root = (place.key.as_str(), place.secret.as_str());
        let import = |secret: &str, file: &str| {
            let (file, body) = (folder.join(file), account((user, secret)));
            keep(&file, &body)?;
            let what = (
                reqwest::Method::PUT,
                "/minio/admin/v3/import-iam".to_owned(),
            );
            let mut request =
                replayable(&place.at, root, what, body).ok_or(io::ErrorKind::InvalidData)?;
            request.body = Some(file.to_string_lossy().into_owned());
            io::Result::Ok(request)
        };
        Ok(Credential {
            name: user.to_owned(),
            disable: import(new, "rotated")?,
            enable: import(old, "before")?,
            probe: probe(&place.at, (user, old), bucket).ok_or(io::ErrorKind::InvalidData)?,
        })
    }

    /// The fewest drives in order that any server tells of; servers that do not answer are not asked again.
    ///
    /// # Errors
    /// No server answers.
    pub(crate) async fn drives(&self) -> Result<u64, String> {
        let asked = self
            .places
            .iter()
            .map(|(_, place)| self.call(place, None, "storageinfo"));
        let told = futures_util::future::join_all(asked).await;
        let mut refused = "no server".to_owned();
        let mut least = None;
        for one in told {
            match one.and_then(|info| in_order(&info)) {
                Ok(count) => least = Some(least.map_or(count, |least: u64| least.min(count))),
                Err(why) => refused = why,
            }
        }
        least.ok_or(refused)
    }

    /// Names of the objects under `prefix` all of whose copies are there, by a heal that changes nothing.
    ///
    /// # Errors
    /// What the last server said, where none gave the whole list by `until`.
    pub(crate) async fn whole(
        &self,
        bucket: &str,
        prefix: &str,
        until: Instant,
    ) -> Result<Vec<String>, String> {
        let mut refused = "no time was left".to_owned();
        for _ in 0..self.places.len() {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.places.len();
            let looked = self.dry_run(&self.places[turn].1, bucket, prefix, until);
            match looked.await {
                Ok(whole) => return Ok(whole),
                Err(why) => refused = why,
            }
            if Instant::now() >= until {
                break;
            }
        }
        Err(refused)
    }

    async fn dry_run(
        &self,
        place: &Place,
        bucket: &str,
        prefix: &str,
        until: Instant,
    ) -> Result<Vec<String>, String> {
        let path = format!("heal/{bucket}/{prefix}");
        let settings =
            r#"{"recursive":true,"dryRun":true,"remove":false,"recreate":false,"scanMode":1}"#;
        let begun = self
            .call(place, Some(settings), &format!("{path}?forceStart=true"))
            .await?;
        let token = begun["clientToken"]
            .as_str()
            .ok_or("the heal gave no token")?
            // In a cluster the token ends in `:` and the number of the server that heals.
            .replace(':', "%3A");
        let mut whole = Vec::new();
        loop {
            let told = self
                .call(place, Some(""), &format!("{path}?clientToken={token}"))
                .await?;
            let status: Status = serde_json::from_value(told).map_err(|error| error.to_string())?;
            whole.extend(status.items.into_iter().flatten().filter_map(complete));
            match status.summary.as_str() {
                "finished" => return Ok(whole),
                "stopped" => return Err(format!("the heal stopped: {}", status.detail)),
                _ if Instant::now() >= until => return Err("the heal took too long".into()),
                _ => sleep(PAUSE).await,
            }
        }
    }
}

/// The archive that makes an account, or gives one that is there this secret.
fn account((name, secret): (&str, &str)) -> Vec<u8> {
    let users = json!({name: {"secretKey": secret, "status": "enabled"}});
    let policies =
        json!({name: {"version": 1, "policy": "readwrite", "updatedAt": "2026-01-01T00:00:00Z"}});
    super::zip::archive(&[
        ("iam-assets/users.json", users.to_string()),
        ("iam-assets/user_mappings.json", policies.to_string()),
    ])
}

/// Writes what only its owner may read; one that is there is written anew.
fn keep(file: &Path, body: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(file)?.write_all(body)
}

/// A request of this user that changes nothing.
fn probe(at: &str, user: (&str, &str), bucket: &str) -> Option<Request> {
    let asks = format!("/{bucket}?location=");
    replayable(at, user, (reqwest::Method::GET, asks), Vec::new())
}

/// A signed request as data, without its body; none where a header of it is no text.
fn replayable(
    at: &str,
    user: (&str, &str),
    (method, path): (reqwest::Method, String),
    body: Vec<u8>,
) -> Option<Request> {
    let signed = Admin::signed(at, user, (method.clone(), &path), body).ok()?;
    let headers = signed.headers().iter();
    let headers =
        headers.map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    Some(Request {
        at: at.to_owned(),
        method: method.to_string(),
        headers: headers.collect::<Option<_>>()?,
        body: None,
        path,
    })
}

/// The object's name, where each of its copies is in order.
fn complete(item: Item) -> Option<String> {
    let copies = item.before.drives.unwrap_or_default();
    let all = !copies.is_empty() && copies.iter().all(|copy| copy.state == "ok");
    (all && item.kind == "object").then_some(item.object)
}

fn in_order(info: &Value) -> Result<u64, String> {
    let disks = info["Disks"].as_array().or(info["disks"].as_array());
    let disks = disks.ok_or("the answer lists no drives")?;
    let whole = |disk: &&Value| disk["state"] == "ok" && disk["healing"] != true;
    Ok(disks.iter().filter(whole).count() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_short_of_one_copy_is_not_whole() {
        let item = |states: &[&str]| -> Item {
            let drives: Vec<Value> = states.iter().map(|state| json!({"state": state})).collect();
            serde_json::from_value(
                json!({"type": "object", "object": "a/1", "before": {"drives": drives}}),
            )
            .expect("an item")
        };
        assert_eq!(complete(item(&["ok"; 4])), Some("a/1".into()));
        assert_eq!(complete(item(&["ok", "missing", "ok", "ok"])), None);
        assert_eq!(complete(item(&["ok", "offline", "ok", "ok"])), None);
        assert_eq!(complete(item(&[])), None);
    }

    #[test]
    fn a_drive_that_is_being_filled_again_is_not_in_order() {
        let info = json!({"Disks": [{"state": "ok"}, {"state": "ok", "healing": true}, {"state": "offline"}]});
        assert_eq!(in_order(&info), Ok(1));
        assert!(in_order(&json!({})).is_err());
    }
}
