//! What can be asked of a server, with what nova checks first and the sentences in which it refuses.

use super::course::Course;
use super::history::Caller;
use super::state::VmState;
use super::{Lock, Still, UnderWay};
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::refusal::Refusal;

/// Which vm_states a verb is for, and whether it bears a task_state.
struct Terms {
    verb: &'static str,
    from: &'static [VmState],
    through: &'static [&'static str],
}

use VmState::{Active, Error, Paused, Resized, ShelvedOffloaded, Stopped, Suspended};

const REBOOTING: &[&str] = &[
    "rebooting",
    "reboot_pending",
    "reboot_started",
    "rebooting_hard",
    "reboot_pending_hard",
    "reboot_started_hard",
    "resuming",
    "pausing",
    "unpausing",
    "suspending",
];

impl Course {
    fn terms(self) -> Terms {
        let (verb, from): (_, &'static [VmState]) = match self {
            Self::Build => ("create", &[]),
            Self::RebootSoft => ("reboot", &[Active]),
            Self::RebootHard => ("reboot", &[Active, Stopped, Paused, Suspended, Error]),
            Self::Stop => ("stop", &[Active, Error]),
            Self::Start => ("start", &[Stopped]),
            Self::Rebuild => ("rebuild", &[Active, Stopped, Error]),
            Self::Resize => ("resize", &[Active, Stopped]),
            Self::ConfirmResize => ("confirmResize", &[Resized]),
            Self::RevertResize => ("revertResize", &[Resized]),
            Self::Pause => ("pause", &[Active]),
            Self::Unpause => ("unpause", &[Paused]),
            Self::Suspend => ("suspend", &[Active]),
            Self::Resume => ("resume", &[Suspended]),
            Self::Shelve => ("shelve", &[Active, Stopped, Paused, Suspended]),
            Self::Unshelve => ("unshelve", &[ShelvedOffloaded]),
            Self::LiveMigrate => ("os-migrateLive", &[Active, Paused]),
            Self::Delete => ("delete", &[]),
        };
        Terms { verb, from, through: if self == Self::RebootHard { REBOOTING } else { &[] } }
    }

    /// What the history calls it.
    fn verb_in_history(self) -> &'static str {
        match self {
            Self::LiveMigrate => "live-migration",
            other => other.terms().verb,
        }
    }
}

impl World {
    /// The place of a living server.
    pub(in crate::sim) fn place(&self, id: Uid) -> Result<usize, Refusal> {
        let place = self.places.get(&id).copied().filter(|place| self.servers[*place].lives());
        place.ok_or_else(|| Refusal::NotFound(format!("Instance {id} could not be found.")))
    }

    /// Asks something of a server that needs no more than its name: reboot, stop, start, pause and their kin.
    pub fn ask(&mut self, id: Uid, course: Course, caller: &Caller) -> Result<(), Refusal> {
        let place = self.place(id)?;
        self.may(place, course, caller)?;
        self.record(place, course.verb_in_history(), caller, Some(course));
        self.set_out(place, UnderWay::of(course));
        Ok(())
    }

    /// Makes a server anew from an image. Nova writes the image before the rebuild starts.
    pub fn rebuild(&mut self, id: Uid, image: Uid, caller: &Caller) -> Result<(), Refusal> {
        let place = self.place(id)?;
        if self.image(image).is_none() {
            return Err(Refusal::Bad("Cannot find image for rebuild".to_owned()));
        }
        self.may(place, Course::Rebuild, caller)?;
        let server = &mut self.servers[place];
        server.still = Some(Still { image: server.image, tag: server.metadata.get("tag").cloned() });
        if server.image.is_some() {
            server.image = Some(image);
        }
        self.record(place, "rebuild", caller, Some(Course::Rebuild));
        self.set_out(place, UnderWay::of(Course::Rebuild));
        Ok(())
    }

    /// Makes a server another size.
    pub fn resize(&mut self, id: Uid, flavor: &str, caller: &Caller) -> Result<(), Refusal> {
        let place = self.place(id)?;
        let wanted = self.flavor_place(flavor);
        let wanted = wanted.ok_or_else(|| Refusal::Bad(format!("Flavor {flavor} could not be found.")))?;
        self.may(place, Course::Resize, caller)?;
        if self.servers[place].flavor == wanted {
            return Err(Refusal::Bad("When resizing, instances must change flavor!".to_owned()));
        }
        self.record(place, "resize", caller, Some(Course::Resize));
        self.set_out(place, UnderWay { flavor: Some(wanted), ..UnderWay::of(Course::Resize) });
        Ok(())
    }

    /// Moves a running server to another host.
    pub fn live_migrate(&mut self, id: Uid, host: Option<&str>, caller: &Caller) -> Result<(), Refusal> {
        let place = self.place(id)?;
        let here = self.servers[place].host;
        let target = match host {
            Some(name) => self.host_place(name),
            None => (0..self.hosts.len())
                .find(|at| Some(*at) != here && self.hosts[*at].computes() && self.hosts[*at].alive()),
        };
        let target = target.ok_or_else(|| Refusal::Bad("No valid host was found. ".to_owned()))?;
        self.may(place, Course::LiveMigrate, caller)?;
        self.record(place, "live-migration", caller, Some(Course::LiveMigrate));
        self.set_out(place, UnderWay { host: Some(target), ..UnderWay::of(Course::LiveMigrate) });
        Ok(())
    }

    /// Deletes a server. One that is already going is no error.
    pub fn delete(&mut self, id: Uid, caller: &Caller) -> Result<(), Refusal> {
        let place = self.place(id)?;
        self.unlocked(place, caller)?;
        if self.servers[place].task_state != Some("deleting") {
            self.record(place, "delete", caller, Some(Course::Delete));
            self.set_out(place, UnderWay::of(Course::Delete));
        }
        Ok(())
    }

    /// Locks a server.
    pub fn lock(&mut self, id: Uid, reason: Option<String>, caller: &Caller) -> Result<(), Refusal> {
        let place = self.place(id)?;
        self.record(place, "lock", caller, None);
        let now = self.now;
        let server = &mut self.servers[place];
        server.lock = Some(Lock { by_admin: caller.admin, reason });
        server.touch(now);
        Ok(())
    }

    /// Unlocks a server; one that is not locked is no error.
    pub fn unlock(&mut self, id: Uid, caller: &Caller) -> Result<(), Refusal> {
        let place = self.place(id)?;
        if self.servers[place].lock.as_ref().is_some_and(|lock| lock.by_admin && !caller.admin) {
            let rule = "os_compute_api:os-lock-server:unlock:unlock_override";
            return Err(Refusal::Forbidden(format!("Policy doesn't allow {rule} to be performed.")));
        }
        self.record(place, "unlock", caller, None);
        let now = self.now;
        let server = &mut self.servers[place];
        server.lock = None;
        server.touch(now);
        Ok(())
    }

    /// Changes metadata: `None` takes a key away.
    pub fn set_metadata(&mut self, id: Uid, key: &str, value: Option<&str>) -> Result<(), Refusal> {
        let place = self.place(id)?;
        let now = self.now;
        let server = &mut self.servers[place];
        match value {
            Some(value) => drop(server.metadata.insert(key.to_owned(), value.to_owned())),
            None => drop(server.metadata.remove(key)),
        }
        server.touch(now);
        Ok(())
    }

    /// Replaces the tags. Unlike metadata, this does not move `updated`.
    pub fn set_tags(&mut self, id: Uid, mut tags: Vec<String>) -> Result<(), Refusal> {
        let place = self.place(id)?;
        tags.sort();
        tags.dedup();
        self.servers[place].tags = tags;
        Ok(())
    }

    /// Whether a caller may set a server on a course now.
    fn may(&self, place: usize, course: Course, caller: &Caller) -> Result<(), Refusal> {
        self.unlocked(place, caller)?;
        let (server, terms) = (&self.servers[place], course.terms());
        let refuse = |attribute, state| {
            let (verb, id) = (terms.verb, server.id);
            Err(Refusal::Conflict(format!("Cannot '{verb}' instance {id} while it is in {attribute} {state}")))
        };
        if !terms.from.contains(&server.vm) {
            return refuse("vm_state", server.vm.name());
        }
        let confirmed = server.under_way.as_ref().is_some_and(|way| way.course == Course::ConfirmResize);
        if confirmed {
            return Err(Refusal::Bad("Instance has not been resized.".to_owned()));
        }
        match server.task_state {
            Some(state) if !terms.through.contains(&state) => refuse("task_state", state),
            _ => Ok(()),
        }
    }

    fn unlocked(&self, place: usize, caller: &Caller) -> Result<(), Refusal> {
        let server = &self.servers[place];
        if server.lock.is_some() && !caller.admin {
            return Err(Refusal::Conflict(format!("Instance {} is locked", server.id)));
        }
        Ok(())
    }
}

impl UnderWay {
    pub(in crate::sim) fn of(course: Course) -> Self {
        Self { course, leg: 0, flavor: None, host: None, parked: false, fails: None }
    }
}
