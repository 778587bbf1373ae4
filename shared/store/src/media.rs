//! Uploads.

use std::collections::HashMap;

use domain::{
    id::{AccountId, MediaId},
    media::{Media, MediaStatus, Picture, PrivateFile, UNUSED_LIFE},
    time::Time,
};

use crate::{
    due::DueKind,
    keys::{self, Index},
    receipts::Receipt,
    table::{Clash, Error, Expression, Item, Page, Table, Write, indexed, item, read, s, text},
};

/// Access to uploads.
#[derive(Debug, Clone, Copy)]
pub struct MediaItems<'a>(pub &'a Table);

impl MediaItems<'_> {
    /// Notes a new upload, due to be swept when nobody has used it a day later.
    ///
    /// # Errors
    /// [`Error::Clash`] at 1 when the receipt exists.
    pub async fn create(&self, media: &Media, receipt: Option<Receipt>) -> Result<(), Error> {
        let mut put = item("media", keys::media(&media.id), media)?;
        indexed(&mut put, Index::Gsi1, keys::media_of(&media.owner), media.id.as_str());
        let (pk, sk) = due_key(&media.id, media.created_at.plus(UNUSED_LIFE));
        indexed(&mut put, Index::Gsi3, pk, sk);
        let put = Write::Put { item: put, condition: Some(Expression::absent()) };
        match receipt {
            None => self.0.write(put).await,
            Some(receipt) => self.0.transact(vec![put, receipt.write()?]).await,
        }
    }

    /// An upload.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn by_id(&self, id: &MediaId) -> Result<Option<Media>, Error> {
        self.0.get_now(&keys::media(id)).await
    }

    /// Uploads by their identifiers.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn by_ids(&self, ids: &[MediaId]) -> Result<HashMap<MediaId, Media>, Error> {
        let found = self.0.get_many(&ids.iter().map(keys::media).collect::<Vec<_>>()).await?;
        found.into_values().map(|item| read::<Media>(item).map(|media| (media.id.clone(), media))).collect()
    }

    /// Marks a waiting upload as ready for everybody. Again is no harm: the same file makes the same picture.
    ///
    /// # Errors
    /// [`Error::Clash`] when the upload is gone or was rejected.
    pub async fn ready(&self, id: &MediaId, picture: &Picture) -> Result<(), Error> {
        self.made(id, "picture", picture).await
    }

    /// Marks a waiting upload of a message as ready for its room. Again is no harm.
    ///
    /// # Errors
    /// [`Error::Clash`] when the upload is gone or was rejected.
    pub async fn ready_in_private(&self, id: &MediaId, file: &PrivateFile) -> Result<(), Error> {
        self.made(id, "file", file).await
    }

    async fn made(&self, id: &MediaId, name: &'static str, what: &impl serde::Serialize) -> Result<(), Error> {
        let what = serde_dynamo::to_attribute_value(what).map_err(|error| Error::Failed(error.to_string()))?;
        self.0
            .write(Write::Update {
                key: keys::media(id),
                update: format!("SET #status = :ready, #{name} = :what").into(),
                condition: Expression::new(
                    "#status = :waiting OR #status = :ready",
                    &["status", name],
                    vec![(":waiting", s("waiting")), (":ready", s("ready")), (":what", what)],
                ),
            })
            .await
    }

    /// Takes an upload into use for a message, named by `by`, so that nothing else can and no sweep removes it; gives
    /// the upload as it is then. Taken again by the same message it is given again.
    ///
    /// # Errors
    /// [`Error::Clash`] with what stands there, when it is missing, another's, not of a message, not ready, or used by
    /// something else; [`Media::usable`] says which.
    pub async fn take(&self, id: &MediaId, owner: &AccountId, by: &str) -> Result<Media, Error> {
        let condition = Expression::new(
            "#purpose = :message AND #owner = :owner AND #status = :ready AND \
             (attribute_not_exists(#usedBy) OR #usedBy = :by)",
            &["purpose", "owner", "status", "usedBy"],
            vec![
                (":message", s("message")),
                (":owner", s(owner.as_str())),
                (":ready", s(status_word(MediaStatus::Ready))),
                (":by", s(by)),
            ],
        );
        read(self.0.update(keys::media(id), USE.into(), condition).await?)
    }

    /// The upload that stood in the way of a write.
    ///
    /// # Errors
    /// [`Error::Failed`] for an item that is none.
    pub fn standing(clash: &Clash) -> Result<Option<Media>, Error> {
        clash.standing().cloned().map(read).transpose()
    }

    /// Marks a waiting upload as rejected, with the reason.
    ///
    /// # Errors
    /// [`Error::Clash`] when the upload is gone or was made ready.
    pub async fn reject(&self, id: &MediaId, reason: &str) -> Result<(), Error> {
        self.0
            .write(Write::Update {
                key: keys::media(id),
                update: "SET #status = :rejected, #rejection = :reason".into(),
                condition: Expression::new(
                    "#status = :waiting OR #status = :rejected",
                    &["status", "rejection"],
                    vec![(":waiting", s("waiting")), (":rejected", s("rejected")), (":reason", s(reason))],
                ),
            })
            .await
    }

    /// Removes an upload that nothing uses; its renditions follow from the stream.
    ///
    /// # Errors
    /// [`Error::Clash`] when something uses it or it is not the owner's.
    pub async fn remove_unused(&self, id: &MediaId, owner: Option<&AccountId>) -> Result<(), Error> {
        let condition = match owner {
            Some(owner) => Expression::new(
                "#owner = :owner AND attribute_not_exists(#usedBy)",
                &["owner", "usedBy"],
                vec![(":owner", s(owner.as_str()))],
            ),
            None => Expression::new("attribute_not_exists(#usedBy)", &["usedBy"], vec![]),
        };
        self.0.write(Write::Delete { key: keys::media(id), condition: Some(condition) }).await
    }

    /// Removes uploads whatever uses them: their owner or what they belonged to is gone.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn remove_all(&self, ids: &[MediaId]) -> Result<(), Error> {
        self.0.put_and_delete(vec![], ids.iter().map(keys::media).collect()).await
    }

    /// Some of an owner's uploads.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn of_owner(&self, owner: &AccountId, limit: usize) -> Result<Vec<MediaId>, Error> {
        let partition = keys::media_of(owner);
        let page = Page { limit, ..Page::of(Index::Gsi1, &partition) };
        Ok(self.0.page(&page).await?.iter().filter_map(id_of).collect())
    }
}

fn id_of(item: &Item) -> Option<MediaId> {
    MediaId::parse(text(item, keys::PK)?.strip_prefix("MEDIA#")?).ok()
}

fn due_key(id: &MediaId, at: Time) -> (String, String) {
    DueKind::Media.key(at, id.as_str())
}

/// Used, and due to be swept no more.
const USE: &str = "SET #usedBy = :by REMOVE gsi3pk, gsi3sk";

/// Takes an upload into use: it must be the owner's, ready, and unused.
pub(crate) fn used(id: &MediaId, owner: &AccountId, by: &str) -> Write {
    Write::Update {
        key: keys::media(id),
        update: USE.into(),
        condition: Expression::new(
            "#owner = :owner AND #status = :ready AND (attribute_not_exists(#usedBy) OR #usedBy = :by)",
            &["owner", "status", "usedBy"],
            vec![(":owner", s(owner.as_str())), (":ready", s(status_word(MediaStatus::Ready))), (":by", s(by))],
        ),
    }
}

/// Lets go of an upload: it is swept at the next occasion.
pub(crate) fn unused(id: &MediaId, now: Time) -> Write {
    let (pk, sk) = due_key(id, now);
    Write::Update {
        key: keys::media(id),
        update: "SET gsi3pk = :due, gsi3sk = :at REMOVE #usedBy".into(),
        condition: Expression::new("attribute_exists(pk)", &["usedBy"], vec![(":due", s(pk)), (":at", s(sk))]),
    }
}

fn status_word(status: MediaStatus) -> &'static str {
    match status {
        MediaStatus::Waiting => "waiting",
        MediaStatus::Ready => "ready",
        MediaStatus::Rejected => "rejected",
    }
}
