//! What a cold start knows, and the clients it makes at first use.

use std::sync::OnceLock;

use aws_config::SdkConfig;
use domain::time::Time;
use ports::{Connections, Functions};
use serde::Serialize;
use serde_json::Value;
use store::Table;

use crate::{
    door::Door,
    log::LogSink,
    problem::Fault,
    settings::{Setting, Settings},
    throttle::Throttle,
    token::Verifier,
};

/// The surroundings of one function, the same for all its calls.
pub struct Env {
    /// Its settings.
    pub settings: Settings,
    /// How AWS is reached.
    pub sdk: SdkConfig,
    /// Where its lines go.
    pub log: LogSink,
    connections: OnceLock<Connections>,
    functions: OnceLock<Functions>,
    table: OnceLock<Table>,
    verifier: OnceLock<Verifier>,
    pub(crate) throttle: Throttle,
    pub(crate) door: Door,
}

impl Env {
    /// The surroundings of a function.
    #[must_use]
    pub fn new(settings: Settings, sdk: SdkConfig, log: LogSink) -> Self {
        let (connections, functions) = (OnceLock::new(), OnceLock::new());
        let (table, verifier) = (OnceLock::new(), OnceLock::new());
        Self {
            settings,
            sdk,
            log,
            connections,
            functions,
            table,
            verifier,
            throttle: Throttle::default(),
            door: Door::default(),
        }
    }

    /// The table; its client is made at the first call, since the certificates it reads take longer than the rest of a
    /// cold start.
    ///
    /// # Errors
    /// When the row does not declare the table.
    pub fn table(&self) -> Result<&Table, Fault> {
        let name = self.settings.get(Setting::TableName)?;
        Ok(self.table.get_or_init(|| Table::new(&self.sdk, name.to_owned())))
    }

    /// The connections of the WebSocket API.
    ///
    /// # Errors
    /// When the row does not declare that it reaches them.
    pub fn connections(&self) -> Result<&Connections, Fault> {
        let url = self.settings.get(Setting::ConnectionsUrl)?;
        Ok(self.connections.get_or_init(|| Connections::new(&self.sdk, url)))
    }

    /// Hands something over to another function (`Row::call`, or the caller itself) and does not wait for it. The time
    /// goes along, as `time`: what follows happens at the moment of what it follows from.
    ///
    /// # Errors
    /// When the row does not declare that it invokes, what is handed over is no object, or Lambda does not take it.
    pub async fn hand_over<T: Serialize>(&self, row: &str, what: &T, now: Time) -> Result<(), Fault> {
        let mut event = serde_json::to_value(what).map_err(Fault::internal)?;
        let Value::Object(members) = &mut event else {
            return Err(Fault::internal(format!("what is handed over to {row} is no object")));
        };
        members.insert("time".to_owned(), now.to_string().into());
        let prefix = self.settings.get(Setting::FunctionPrefix)?;
        let functions = self.functions.get_or_init(|| Functions::new(&self.sdk, prefix));
        functions.invoke_later(row, &event).await.map_err(|error| Fault::internal(format!("{row}: {error}")))
    }

    /// The verifier of tokens, for routes that know their caller if there is one, and for connections.
    ///
    /// # Errors
    /// When the row does not declare its settings.
    pub fn verifier(&self) -> Result<&Verifier, Fault> {
        let issuer = self.settings.get(Setting::TokenIssuer)?;
        let client = self.settings.get(Setting::ClientId)?;
        let keys = self.settings.get(Setting::JwksUrl)?;
        Ok(self.verifier.get_or_init(|| Verifier::new(issuer, client, keys)))
    }
}
