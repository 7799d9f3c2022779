//! Clients of an object store over plain HTTP: every purpose its own connections, no retries, no proxy, unless asked.
//!
//! A retry inside a client would hide the very outage that is to be measured.
use crate::bed::wait::failed;
use model::system::BedError;
use object_store::{
    ClientOptions, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    client::{HttpClient, HttpConnector},
    path::Path,
    signer::Signer as _,
};
use std::time::Duration;

/// Where a store is and how to sign for it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// `host:port`.
    pub(crate) at: String,
    /// Access key.
    pub(crate) key: String,
    /// Its secret.
    pub(crate) secret: String,
}

/// Hands out connections of ours instead of the library's, whose retries and proxies follow the environment.
#[derive(Debug)]
struct Own(reqwest::Client);

impl HttpConnector for Own {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.0.clone()))
    }
}

/// Connections that are kept alive, never retry, and give up on one request after `limit`.
pub(crate) fn connections(limit: Duration) -> Result<reqwest::Client, BedError> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .retry(reqwest::retry::never())
        .tcp_nodelay(true)
        .connect_timeout(limit)
        .timeout(limit)
        .build();
    client.map_err(|error| failed("make an HTTP client", error))
}

/// A client of one bucket with connections of its own.
pub(crate) fn bucket(place: &Place, bucket: &str, limit: Duration) -> Result<AmazonS3, BedError> {
    let once = RetryConfig {
        max_retries: 0,
        ..Default::default()
    };
    let client = AmazonS3Builder::new()
        .with_endpoint(format!("http://{}", place.at))
        .with_region("us-east-1")
        .with_bucket_name(bucket)
        .with_access_key_id(&place.key)
        .with_secret_access_key(&place.secret)
        .with_allow_http(true)
        .with_retry(once)
        .with_http_connector(Own(connections(limit)?))
        .build();
    client.map_err(|error| failed(format!("make a client of bucket `{bucket}`"), error))
}

/// Makes a bucket; one that is there and ours is as good. The library has no such call, so its signed URL is used.
pub(crate) async fn make_bucket(place: &Place, name: &str) -> Result<(), String> {
    let client = bucket(place, name, Duration::from_secs(5)).map_err(|error| error.to_string())?;
    let url = client
        .signed_url(
            reqwest::Method::PUT,
            &Path::default(),
            Duration::from_secs(60),
        )
        .await;
    let url = url.map_err(|error| error.to_string())?;
    let http = connections(Duration::from_secs(5)).map_err(|error| error.to_string())?;
    let answer = http
        .put(url)
        .send()
        .await
        .map_err(|error| error.to_string())?;
    let status = answer.status();
    let told = answer.text().await.unwrap_or_default();
    let ours = told.contains("BucketAlreadyOwnedByYou");
    if status.is_success() || ours {
        Ok(())
    } else {
        Err(format!("{status}: {told}"))
    }
}

/// Short class of a failed operation: what a client can tell apart.
pub(crate) fn class(error: &object_store::Error) -> &'static str {
    let text = format!("{error:?}");
    let known = [
        ("NotFound", "not-found"),
        ("SlowDownWrite", "slow-down-write"),
        ("SlowDownRead", "slow-down-read"),
        ("XMinioStorageFull", "storage-full"),
        ("XMinioServerNotInitialized", "not-initialized"),
        ("AccessDenied", "access-denied"),
        ("SignatureDoesNotMatch", "bad-signature"),
        ("InvalidAccessKeyId", "invalid-key"),
        ("ConnectionRefused", "refused"),
        ("ConnectionReset", "reset"),
        ("IncompleteMessage", "closed"),
        ("TimedOut", "timeout"),
        ("503", "unavailable"),
    ];
    known
        .iter()
        .find(|(mark, _)| text.contains(mark))
        .map_or("other", |(_, class)| class)
}
