//! The servers as clients see them: each has a door of its own, so that one that hangs spoils nobody else's connections.
use super::PORT;
use crate::{
    bed::Site,
    s3::{self, Place},
};
use model::system::BedError;
use object_store::aws::AmazonS3;
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

/// The published address of every server, in order of their names, for this user: key and secret.
pub(crate) fn places(site: &Site, user: (&str, &str)) -> Result<Vec<(String, Place)>, BedError> {
    let nodes = site.of_role("minio").into_iter();
    nodes
        .map(|node| {
            let place = Place {
                at: site.outside(node, PORT)?,
                key: user.0.into(),
                secret: user.1.into(),
            };
            Ok((node.to_owned(), place))
        })
        .collect()
}

/// One bucket through every door, taken in turns.
pub(crate) struct Doors {
    stores: Vec<(String, AmazonS3)>,
    turn: AtomicUsize,
}

impl Doors {
    /// A pool of connections per server; `limit` ends one request.
    ///
    /// # Errors
    /// A client that cannot be made.
    pub(crate) fn new(
        places: &[(String, Place)],
        bucket: &str,
        limit: Duration,
    ) -> Result<Self, BedError> {
        let store =
            |(node, place): &(String, Place)| Ok((node.clone(), s3::bucket(place, bucket, limit)?));
        Ok(Self {
            stores: places.iter().map(store).collect::<Result<_, BedError>>()?,
            turn: AtomicUsize::new(0),
        })
    }

    /// The next in turn.
    pub(crate) fn next(&self) -> &AmazonS3 {
        self.numbered(self.turn.fetch_add(1, Ordering::Relaxed))
    }

    /// That of a number, so that who is asked is known beforehand.
    pub(crate) fn numbered(&self, number: usize) -> &AmazonS3 {
        &self.stores[number % self.stores.len()].1
    }

    /// That of a server.
    pub(crate) fn of(&self, node: &str) -> Option<&AmazonS3> {
        let found = self.stores.iter().find(|(name, _)| name == node);
        found.map(|(_, store)| store)
    }
}
