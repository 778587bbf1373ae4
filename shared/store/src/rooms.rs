//! Rooms and who is in them.

use domain::{
    account::Account,
    id::{AccountId, ListingId, RoomId},
    listing::Listing,
    room::{MAX_MEMBERS, MAX_ROOMS, Member, Room, Status},
    time::Time,
};

use crate::{
    accounts::AccountRecord,
    keys::{self, Index, Key},
    table::{Error, Expression, Item, Page, Table, Write, indexed, item, n, read, s, text},
};

/// Access to rooms.
#[derive(Debug, Clone, Copy)]
pub struct Rooms<'a>(pub &'a Table);

/// A room to be made with those who are in it.
#[derive(Debug)]
pub struct NewRoom<'a> {
    /// The room.
    pub room: &'a Room,
    /// Its first members.
    pub members: &'a [Member],
}

/// What opening a room about a listing needs to know, read in one round trip.
#[derive(Debug)]
pub struct About {
    /// The listing.
    pub listing: Option<Listing>,
    /// Whoever asks.
    pub account: Option<Account>,
    /// Whether they are banned from it.
    pub banned: bool,
    /// The listing's room.
    pub room: Option<Room>,
    /// Whoever asks as a member of that room.
    pub member: Option<Member>,
    /// The conversation about the listing that they had last.
    pub inquiry: Option<RoomId>,
}

impl Rooms<'_> {
    /// A room and somebody's part in it, as they are now.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn with_member(
        &self,
        room: &RoomId,
        account: &AccountId,
    ) -> Result<(Option<Room>, Option<Member>), Error> {
        let (room, member) = (keys::room(room), keys::member(room, account));
        let mut found = self.0.get_many_now(&[room.clone(), member.clone()]).await?;
        Ok((found.remove(&room).map(read).transpose()?, found.remove(&member).map(read).transpose()?))
    }

    /// A room.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn by_id(&self, room: &RoomId) -> Result<Option<Room>, Error> {
        self.0.get_now(&keys::room(room)).await
    }

    /// Whether somebody is banned from a listing.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn is_banned(&self, listing: &ListingId, account: &AccountId) -> Result<bool, Error> {
        Ok(self.0.get_item(&keys::ban(listing, account), true).await?.is_some())
    }

    /// All that opening a room about a listing needs to know.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn about(&self, listing: &ListingId, account: &AccountId) -> Result<About, Error> {
        let id = Room::id_of(listing);
        let wanted = [
            keys::listing(listing),
            keys::account(account),
            keys::ban(listing, account),
            keys::room(&id),
            keys::member(&id, account),
            keys::inquiry(listing, account),
        ];
        let mut found = self.0.get_many_now(&wanted).await?;
        let [listing, account, ban, room, member, inquiry] = wanted.map(|key| found.remove(&key));
        Ok(About {
            listing: listing.map(read).transpose()?,
            account: account.map(AccountRecord::read).transpose()?.and_then(AccountRecord::active),
            banned: ban.is_some(),
            room: room.map(read).transpose()?,
            member: member.map(read).transpose()?,
            inquiry: inquiry.as_ref().and_then(room_in),
        })
    }

    /// Makes a listing's room with its host in it. That it was made before is no fault.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn make_for_listing(&self, new: &NewRoom<'_>) -> Result<(), Error> {
        match self.0.transact(made(new)?).await {
            Err(Error::Clash(_)) => Ok(()),
            other => other,
        }
    }

    /// Lets somebody into a listing's room, once.
    ///
    /// # Errors
    /// [`Error::Clash`] at 0 when the room is not there or full, at 1 when they are in it already, at 2 when they are
    /// banned.
    pub async fn join(&self, listing: &ListingId, member: &Member) -> Result<(), Error> {
        let banned = Write::Check { key: keys::ban(listing, &member.account), condition: Expression::absent() };
        let counted =
            counted(&member.room, 1, "attribute_exists(pk) AND #members < :most", vec![(":most", n(MAX_MEMBERS))]);
        let put = Write::Put { item: member_item(member)?, condition: Some(Expression::absent()) };
        self.0.transact(vec![counted, put, banned]).await
    }

    /// Makes a conversation of two about a listing, in the place of an earlier one.
    ///
    /// # Errors
    /// [`Error::Clash`] at 0 when another was made meanwhile, at 1 when they are banned, at 2 when the listing is gone.
    pub async fn make_inquiry(
        &self,
        listing: &ListingId,
        asker: &AccountId,
        instead_of: Option<&RoomId>,
        new: &NewRoom<'_>,
    ) -> Result<(), Error> {
        let mut writes = vec![
            pointer(keys::inquiry(listing, asker), "inquiry", &new.room.id, instead_of),
            Write::Check { key: keys::ban(listing, asker), condition: Expression::absent() },
            Write::Update {
                key: keys::listing(listing),
                update: "ADD #inquiries :one".into(),
                condition: Expression::new("attribute_exists(pk)", &["inquiries"], vec![(":one", n(1))]),
            },
        ];
        writes.extend(made(new)?);
        self.0.transact(writes).await
    }

    /// Which room is the conversation of two people.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn direct_of(&self, one: &AccountId, other: &AccountId) -> Result<Option<RoomId>, Error> {
        Ok(self.0.get_item(&keys::direct(one, other), true).await?.as_ref().and_then(room_in))
    }

    /// Makes the conversation of two people, in the place of an earlier one.
    ///
    /// # Errors
    /// [`Error::Clash`] at 0 when another was made meanwhile.
    pub async fn make_direct(
        &self,
        one: &AccountId,
        other: &AccountId,
        instead_of: Option<&RoomId>,
        new: &NewRoom<'_>,
    ) -> Result<(), Error> {
        let mut writes = vec![pointer(keys::direct(one, other), "direct", &new.room.id, instead_of)];
        writes.extend(made(new)?);
        self.0.transact(writes).await
    }

    /// The room of a conversation about a listing.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn inquiry_of(&self, listing: &ListingId, asker: &AccountId) -> Result<Option<RoomId>, Error> {
        Ok(self.0.get_item(&keys::inquiry(listing, asker), true).await?.as_ref().and_then(room_in))
    }

    /// The conversations about a listing.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn inquiries_about(&self, listing: &ListingId) -> Result<Vec<RoomId>, Error> {
        let partition = keys::hanging_on(listing);
        let mut rooms = vec![];
        let mut after: Option<String> = None;
        loop {
            let last = format!("{}~", keys::INQUIRIES);
            let page = Page {
                after: Some(after.as_deref().unwrap_or(keys::INQUIRIES)),
                until: Some(&last),
                ..Page::of(Index::Table, &partition)
            };
            let found = self.0.page(&page).await?;
            rooms.extend(found.iter().filter_map(room_in));
            after = found
                .last()
                .filter(|_| found.len() == page.limit)
                .and_then(|item| text(item, keys::SK))
                .map(str::to_owned);
            if after.is_none() {
                return Ok(rooms);
            }
        }
    }

    /// Lets somebody go who is in a room.
    ///
    /// # Errors
    /// [`Error::Clash`] at 0 when they are not in it.
    pub async fn leave(&self, room: &RoomId, account: &AccountId) -> Result<(), Error> {
        let there = Expression::new("attribute_exists(pk)", &[], vec![]);
        self.0
            .transact(vec![
                Write::Delete { key: keys::member(room, account), condition: Some(there) },
                counted(room, -1, "attribute_exists(pk)", vec![]),
            ])
            .await
    }

    /// Shows somebody out of a listing's room and bans them from the listing, both or none (row C10).
    ///
    /// # Errors
    /// [`Error::Clash`] at 0 when they are not in it, at 1 when the caller is not its host.
    pub async fn kick(
        &self,
        listing: &ListingId,
        host: &AccountId,
        account: &AccountId,
        now: Time,
    ) -> Result<(), Error> {
        let room = Room::id_of(listing);
        let there = Expression::new("attribute_exists(pk)", &[], vec![]);
        let mut ban = item("ban", keys::ban(listing, account), &serde_json::json!({}))?;
        ban.insert("createdAt".into(), s(now.to_string()));
        self.0
            .transact(vec![
                Write::Delete { key: keys::member(&room, account), condition: Some(there) },
                counted(&room, -1, "#host = :host", vec![(":host", s(host.as_str()))]),
                Write::Put { item: ban, condition: None },
            ])
            .await
    }

    /// The rooms somebody is in with their part in each, at most [`MAX_ROOMS`], in no order.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn of_account(&self, account: &AccountId) -> Result<Vec<(Room, Member)>, Error> {
        let ids = self.ids_of(account).await?;
        let wanted: Vec<Key> = ids.iter().flat_map(|id| [keys::room(id), keys::member(id, account)]).collect();
        let mut found = self.0.get_many(&wanted).await?;
        let mut rooms = vec![];
        for id in &ids {
            // Somebody who left a moment ago is still in the index.
            let (room, member) = (found.remove(&keys::room(id)), found.remove(&keys::member(id, account)));
            if let (Some(room), Some(member)) = (room, member) {
                rooms.push((read(room)?, read(member)?));
            }
        }
        Ok(rooms)
    }

    /// The rooms somebody is in, at most [`MAX_ROOMS`].
    ///
    /// # Errors
    /// Those of the table.
    pub async fn ids_of(&self, account: &AccountId) -> Result<Vec<RoomId>, Error> {
        let partition = keys::rooms_of(account);
        let page = Page { forward: false, limit: MAX_ROOMS, ..Page::of(Index::Gsi1, &partition) };
        Ok(self.0.page(&page).await?.iter().filter_map(|item| RoomId::parse(text(item, "gsi1sk")?).ok()).collect())
    }

    /// A page of a room's members, and where the next begins.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn members(
        &self,
        room: &RoomId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Member>, Option<String>), Error> {
        let partition = keys::room(room).pk;
        let last = format!("{}~", keys::MEMBERS);
        let page = Page {
            after: Some(after.unwrap_or(keys::MEMBERS)),
            until: Some(&last),
            limit: limit + 1,
            ..Page::of(Index::Table, &partition)
        };
        let mut items = self.0.page(&page).await?;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().and_then(|item| text(item, keys::SK)).map(str::to_owned) } else { None };
        Ok((items.into_iter().map(read).collect::<Result<_, _>>()?, next))
    }

    /// Moves somebody's read pointer on; where it stood when it is not below.
    ///
    /// # Errors
    /// [`Error::Clash`] without a standing item when they are not in the room.
    pub async fn read_to(&self, room: &RoomId, account: &AccountId, seq: u64) -> Result<u64, Error> {
        let condition = Expression::new("#read < :seq", &["read"], vec![(":seq", n(seq))]);
        let key = keys::member(room, account);
        match self.0.write(Write::Update { key, update: "SET #read = :seq".into(), condition }).await {
            Ok(()) => Ok(seq),
            Err(Error::Clash(clash)) => match clash.standing() {
                Some(item) => Ok(read::<Member>(item.clone())?.read),
                None => Err(Error::Clash(clash)),
            },
            Err(other) => Err(other),
        }
    }

    /// Whether somebody wants not to be told of a room.
    ///
    /// # Errors
    /// [`Error::Clash`] when they are not in it.
    pub async fn mute(&self, room: &RoomId, account: &AccountId, muted: bool) -> Result<(), Error> {
        let condition = Expression::new(
            "attribute_exists(pk)",
            &["muted"],
            vec![(":muted", aws_sdk_dynamodb::types::AttributeValue::Bool(muted))],
        );
        self.0
            .write(Write::Update { key: keys::member(room, account), update: "SET #muted = :muted".into(), condition })
            .await
    }

    /// Notes what follows for a room from the last message of its log, unless it knows of a later one; the room as it is
    /// then, or nothing where it is gone.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn follow(&self, room: &RoomId, message: &domain::message::Message) -> Result<Option<Room>, Error> {
        let failed = |error: serde_dynamo::Error| Error::Failed(error.to_string());
        let preview = domain::room::Preview::of(message);
        let status = if message.closed { Status::Closed } else { Status::Open };
        let condition = Expression::new(
            "#seq < :seq",
            &["seq", "preview", "activeAt", "status"],
            vec![
                (":seq", n(message.seq)),
                (":preview", serde_dynamo::to_attribute_value(preview).map_err(failed)?),
                (":at", s(message.created_at.to_string())),
                (":status", serde_dynamo::to_attribute_value(status).map_err(failed)?),
            ],
        );
        let update = "SET #seq = :seq, #preview = :preview, #activeAt = :at, #status = :status";
        match self.0.update(keys::room(room), update.into(), condition).await {
            Ok(item) => read(item).map(Some),
            Err(Error::Clash(clash)) => clash.standing().cloned().map(read).transpose(),
            Err(other) => Err(other),
        }
    }

    /// Shows a room's last message as it is after it was edited or deleted, if it is still the last.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn show_anew(&self, message: &domain::message::Message) -> Result<(), Error> {
        let failed = |error: serde_dynamo::Error| Error::Failed(error.to_string());
        let preview = serde_dynamo::to_attribute_value(domain::room::Preview::of(message)).map_err(failed)?;
        let values = vec![(":seq", n(message.seq)), (":preview", preview)];
        let condition = Expression::new("#seq = :seq", &["seq", "preview"], values);
        let key = keys::room(&message.room);
        match self.0.write(Write::Update { key, update: "SET #preview = :preview".into(), condition }).await {
            Ok(()) | Err(Error::Clash(_)) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// Calls a room something else.
    ///
    /// # Errors
    /// Those of the table; that the room is gone is none.
    pub async fn rename(&self, room: &RoomId, title: &str) -> Result<(), Error> {
        let condition = Expression::new("attribute_exists(pk)", &["title"], vec![(":title", s(title))]);
        match self
            .0
            .write(Write::Update { key: keys::room(room), update: "SET #title = :title".into(), condition })
            .await
        {
            Err(Error::Clash(_)) => Ok(()),
            other => other,
        }
    }
}

pub(crate) fn made(new: &NewRoom<'_>) -> Result<Vec<Write>, Error> {
    let room = item("room", keys::room(&new.room.id), new.room)?;
    let mut writes = vec![Write::Put { item: room, condition: Some(Expression::absent()) }];
    for member in new.members {
        writes.push(Write::Put { item: member_item(member)?, condition: Some(Expression::absent()) });
    }
    Ok(writes)
}

fn counted(
    room: &RoomId,
    by: i64,
    text: &'static str,
    values: Vec<(&'static str, aws_sdk_dynamodb::types::AttributeValue)>,
) -> Write {
    let mut condition = Expression::new(text, &["members"], values);
    if text.contains("#host") {
        condition.names.push("host".into());
    }
    condition.values.push((":by".into(), n(by)));
    Write::Update { key: keys::room(room), update: "ADD #members :by".into(), condition }
}

/// What points at a room: free, or pointing at the one that was seen.
fn pointer(key: Key, kind: &str, room: &RoomId, instead_of: Option<&RoomId>) -> Write {
    let item = Item::from([
        (keys::PK.into(), s(key.pk)),
        (keys::SK.into(), s(key.sk)),
        (keys::KIND.into(), s(kind)),
        ("room".into(), s(room.as_str())),
    ]);
    let condition = match instead_of {
        None => Expression::absent(),
        Some(seen) => Expression::new("#room = :seen", &["room"], vec![(":seen", s(seen.as_str()))]),
    };
    Write::Put { item, condition: Some(condition) }
}

/// The room that an item points at.
#[must_use]
pub fn room_in(item: &Item) -> Option<RoomId> {
    RoomId::parse(text(item, "room")?).ok()
}

fn member_item(member: &Member) -> Result<Item, Error> {
    let mut put = item("member", keys::member(&member.room, &member.account), member)?;
    // A host's room is theirs as a member's is; the latest joined stands first.
    indexed(&mut put, Index::Gsi1, keys::rooms_of(&member.account), member.room.as_str());
    Ok(put)
}
