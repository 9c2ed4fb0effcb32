//! What happened to a server: nova's instance actions and their events.

use super::course::Course;
use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;

/// One request that changed a server, and what became of it.
#[derive(Clone, Debug)]
pub struct HistoryEntry {
    /// Nova's word: create, reboot, stop.
    pub verb: &'static str,
    /// The request that asked for it.
    pub request: Uid,
    /// Who asked.
    pub user: Uid,
    /// When.
    pub start: Moment,
    /// When it last changed.
    pub updated: Moment,
    /// Set when it failed.
    pub message: Option<String>,
    /// What was done for it.
    pub events: Vec<HistoryEvent>,
}

/// One thing that a service did for a request.
#[derive(Clone, Debug)]
pub struct HistoryEvent {
    /// Such as `compute_reboot_instance`.
    pub name: &'static str,
    /// When it began.
    pub start: Moment,
    /// When it ended.
    pub finish: Option<Moment>,
    /// Success or Error.
    pub result: Option<&'static str>,
    /// For admins.
    pub traceback: Option<String>,
    /// Where, by place.
    pub host: Option<usize>,
}

/// Who asks, under which request id: every change has one.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// The user.
    pub user: Uid,
    /// The request id, without `req-`.
    pub request: Uid,
    /// Whether with the role admin.
    pub admin: bool,
}

impl World {
    pub(in crate::sim) fn record(&mut self, place: usize, verb: &'static str, caller: &Caller, course: Option<Course>) {
        let now = self.now.whole_second();
        let server = &mut self.servers[place];
        let host = server.host;
        let event = course.map(|course| HistoryEvent {
            name: course.event(),
            start: now,
            finish: None,
            result: None,
            traceback: None,
            host,
        });
        let (request, user) = (caller.request, caller.user);
        let events = event.into_iter().collect();
        server.history.push(HistoryEntry { verb, request, user, start: now, updated: now, message: None, events });
    }

    pub(in crate::sim) fn finish_history(&mut self, place: usize, course: Course, failure: Option<&str>) {
        let now = self.now.whole_second();
        let server = &mut self.servers[place];
        let host = server.host;
        let of_course = |entry: &&mut HistoryEntry| {
            entry.events.iter().any(|event| event.name == course.event() && event.finish.is_none())
        };
        let Some(entry) = server.history.iter_mut().rev().find(of_course) else { return };
        entry.updated = now;
        entry.message = failure.is_some().then(|| "Error".to_owned());
        for event in entry.events.iter_mut().filter(|event| event.finish.is_none()) {
            event.finish = Some(now);
            event.result = Some(if failure.is_some() { "Error" } else { "Success" });
            event.traceback = failure.map(super::course::traceback);
            event.host = event.host.or(host);
        }
    }
}
