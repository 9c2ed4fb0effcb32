//! The one function that changes a cloud.
//!
//! It wants a [`Permit`], which is the proof that the journal has announced this very call. It sends once: whether
//! another try does harm is decided by whoever can look at the cloud. A 401 is the exception: nothing was executed.
//!
//! One file makes the calls of one API ([`server`], [`port`], [`member`], [`lease`]); [`answer`] says what came of them.

mod answer;
mod call;
mod lease;
mod member;
mod port;
mod secret;
mod server;

use secrecy::SecretString;

use crate::base::failure::{Failure, FailureKind};
use crate::openstack::auth::grant::Grant;
use crate::openstack::cloud::Cloud;
use crate::openstack::exchange::{Exchange, url};
use crate::openstack::http::retry::Outcome as Fate;
use crate::openstack::http::{Incoming, Outgoing};
use crate::openstack::perform::call::Call;
use crate::operation::change::Refusal;
use crate::operation::{Change, Outcome};
use crate::store::Permit;

impl Cloud {
    /// Makes the permitted call.
    pub async fn perform(&self, permit: Permit) -> Outcome {
        let call = call_of(permit.change(), permit.enclosed());
        let outcome = match self.exchange().once(&call).await {
            Ok((Fate::Answered(_, after), Ok(answer))) => answer::outcome(&answer, after, &call),
            Ok((_, Ok(answer))) => answer::outcome(&answer, None, &call),
            Ok((Fate::NotSent, Err(failure))) => Outcome::Unsent { failure, retry_after: None },
            Ok((_, Err(failure))) => Outcome::Lost { failure },
            Err(failure) => before_sending(failure),
        };
        secret::kept_out(outcome, permit.enclosed())
    }
}

/// What a change is on the wire.
fn call_of(change: &Change, enclosed: Option<&SecretString>) -> Call {
    match change {
        Change::Reboot { server, how } => server::reboot(server, *how),
        Change::Stop { server } => server::stop(server),
        Change::Start { server } => server::start(server),
        Change::Lock { server, reason } => server::lock(server, reason.as_deref()),
        Change::Unlock { server } => server::unlock(server),
        Change::CreateServer(new) => server::create(new, enclosed),
        Change::DeleteServer { server } => server::delete(server),
        Change::Rebuild(rebuild) => server::rebuild(rebuild, enclosed),
        Change::CreatePort(new) => port::create(new),
        Change::DeletePort { port } => port::delete(port),
        Change::AddMember { pool, member } => member::add(pool, member),
        Change::SetMember { pool, member, weight, admin_state_up } => {
            member::set(pool, member, *weight, *admin_state_up)
        }
        Change::SetMembers { pool, members } => member::set_many(pool, members),
        Change::RemoveMember { pool, member } => member::remove(pool, member),
        Change::SwitchListener { listener, pool } => member::switch(listener, pool),
        Change::ClaimLease(claim) => lease::claim(claim),
        Change::RenewLease { image, properties } => lease::renew(image, properties),
        Change::ReleaseLease { image } => lease::release(image),
    }
}

/// No token, no endpoint, a cloud that is too old: nothing has left us.
fn before_sending(failure: Failure) -> Outcome {
    match failure.kind {
        FailureKind::Auth => Outcome::Refused { why: Refusal::Credentials, failure },
        FailureKind::Retry => Outcome::Unsent { failure, retry_after: None },
        FailureKind::Unsupported => Outcome::Refused { why: Refusal::Unsupported, failure },
        _ => Outcome::Refused { why: Refusal::Other, failure },
    }
}

impl Exchange {
    /// One attempt. An error says that nothing was sent.
    async fn once(&self, call: &Call) -> Result<(Fate, Result<Incoming, Failure>), Failure> {
        let grant = self.keeper.token(&self.http).await?;
        let first = self.change(call, &grant).await?;
        if !matches!(first.0, Fate::Answered(401, _)) {
            return Ok(first);
        }
        let grant = self.keeper.renew(&self.http, grant.generation).await?;
        self.change(call, &grant).await
    }

    async fn change(&self, call: &Call, grant: &Grant) -> Result<(Fate, Result<Incoming, Failure>), Failure> {
        let official = call.service.0;
        if let Some(needed) = call.release {
            self.demand(call.service, needed, grant).await?;
        }
        let aim = self.aim(call.service, call.microversion, grant).await?;
        let meter = self.directory.meter(&aim.found.url);
        let mut headers = aim.headers(official);
        headers.extend(call.media.map(|media| ("Content-Type", media.to_owned())));
        let outgoing = Outgoing {
            method: call.method.clone(),
            url: url(&aim.root, &call.path, &call.query)?,
            token: Some(&grant.secret),
            headers,
            body: call.body(aim.microversion).map(|body| body.to_string().into_bytes()),
            repeatable: false,
            service: official,
            place: call.place(),
            meter: Some(&meter),
        };
        Ok(self.http.send_once(&outgoing).await)
    }
}
