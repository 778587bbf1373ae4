//! The single table: the only place that spells keys. Methods are named by access pattern; conditions and transactions
//! stand where others read and then write. There is no Scan.

mod accounts;
mod bookmarks;
mod categories;
mod chart;
mod connections;
mod due;
mod feeds;
pub mod keys;
mod listings;
mod log;
mod media;
mod meter;
mod moderation;
mod notifications;
mod presences;
mod rates;
mod receipts;
mod rooms;
mod table;
pub mod trust;
mod watches;

pub use accounts::{AccountRecord, Accounts, NewAccount};
pub use bookmarks::Bookmarks;
pub use categories::Categories;
pub use chart::chart;
pub use connections::{Connection, Connections};
pub use due::{Due, DueKind};
pub use feeds::{Entries, FeedFilter, Feeds, Found, Order, entries_of};
pub use listings::{Context, Listings, NewListing};
pub use log::{Appended, Log, Written};
pub use media::MediaItems;
pub use meter::{Meter, metered, metered_beside};
pub use moderation::{BeforeDecision, Feedbacks, Reported, Reports, Suspended, Suspensions};
pub use notifications::{BeforeMessage, Listed, Notifications, Which, unread_since};
pub use presences::{PresenceRecord, Presences};
pub use rates::{Rate, Rates};
pub use receipts::{Receipt, Receipts};
pub use rooms::{About, NewRoom, Rooms, room_in};
pub use table::{Clash, Error, Item, Table, Write};
pub use trust::{BeforeReview, Follows, Reviews};
pub use watches::{Watch, Watches};
