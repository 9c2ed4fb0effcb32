//! Courses: the legs that a server passes on its way to what was asked of it, with believable times.

use std::time::Duration;

use super::state::{Power, VmState};
use super::{Fault, Server, UnderWay};
use crate::sim::moment::Moment;
use crate::sim::uid::Uid;
use crate::sim::world::World;
use crate::sim::world::agenda::Event;

/// What was asked of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Course {
    /// To be built.
    Build,
    /// To reboot from within.
    RebootSoft,
    /// To be reset.
    RebootHard,
    /// To stop.
    Stop,
    /// To start.
    Start,
    /// To be made anew from an image.
    Rebuild,
    /// To become another size.
    Resize,
    /// To keep the new size.
    ConfirmResize,
    /// To get its old size back.
    RevertResize,
    /// To pause.
    Pause,
    /// To go on after a pause.
    Unpause,
    /// To be suspended.
    Suspend,
    /// To be resumed.
    Resume,
    /// To be shelved.
    Shelve,
    /// To be taken from the shelf.
    Unshelve,
    /// To move while it runs.
    LiveMigrate,
    /// To go.
    Delete,
}

/// One leg: a task_state, and at least and at most how many milliseconds.
pub(in crate::sim) type Leg = (Option<&'static str>, u64, u64);

impl Course {
    /// Its name, for [`World::hold`].
    pub fn name(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::RebootSoft => "reboot",
            Self::RebootHard => "hard-reboot",
            Self::Stop => "stop",
            Self::Start => "start",
            Self::Rebuild => "rebuild",
            Self::Resize => "resize",
            Self::ConfirmResize => "confirm-resize",
            Self::RevertResize => "revert-resize",
            Self::Pause => "pause",
            Self::Unpause => "unpause",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Shelve => "shelve",
            Self::Unshelve => "unshelve",
            Self::LiveMigrate => "live-migrate",
            Self::Delete => "delete",
        }
    }

    /// Its legs.
    pub(in crate::sim) fn legs(self) -> &'static [Leg] {
        match self {
            Self::Build => &[
                (Some("scheduling"), 500, 900),
                (Some("networking"), 1_000, 2_500),
                (Some("block_device_mapping"), 300, 800),
                (Some("spawning"), 9_000, 22_000),
            ],
            Self::RebootSoft => &[
                (Some("rebooting"), 400, 900),
                (Some("reboot_pending"), 200, 500),
                (Some("reboot_started"), 8_000, 20_000),
            ],
            Self::RebootHard => &[
                (Some("rebooting_hard"), 400, 900),
                (Some("reboot_pending_hard"), 200, 500),
                (Some("reboot_started_hard"), 5_000, 14_000),
            ],
            Self::Stop => &[(Some("powering-off"), 3_000, 15_000)],
            Self::Start => &[(Some("powering-on"), 3_000, 8_000)],
            Self::Rebuild => &[
                (Some("rebuilding"), 2_000, 5_000),
                (Some("rebuild_block_device_mapping"), 500, 1_500),
                (Some("rebuild_spawning"), 15_000, 35_000),
            ],
            Self::Resize => &[
                (Some("resize_prep"), 1_000, 3_000),
                (Some("resize_migrating"), 6_000, 18_000),
                (Some("resize_migrated"), 500, 1_000),
                (Some("resize_finish"), 5_000, 10_000),
            ],
            Self::ConfirmResize => &[(None, 900, 1_300)],
            Self::RevertResize => &[(Some("resize_reverting"), 6_000, 14_000)],
            Self::Pause => &[(Some("pausing"), 300, 700)],
            Self::Unpause => &[(Some("unpausing"), 300, 700)],
            Self::Suspend => &[(Some("suspending"), 4_000, 9_000)],
            Self::Resume => &[(Some("resuming"), 4_000, 9_000)],
            Self::Shelve => &[
                (Some("shelving"), 1_000, 2_000),
                (Some("shelving_image_uploading"), 15_000, 40_000),
                (Some("shelving_offloading"), 1_000, 2_000),
            ],
            Self::Unshelve => &[(Some("unshelving"), 2_000, 4_000), (Some("spawning"), 8_000, 20_000)],
            Self::LiveMigrate => &[(Some("migrating"), 2_000, 12_000)],
            Self::Delete => &[(Some("deleting"), 1_500, 4_000)],
        }
    }

    /// The states at its end.
    pub(in crate::sim) fn end(self) -> (VmState, Power) {
        match self {
            Self::Stop => (VmState::Stopped, Power::Shutdown),
            Self::Resize => (VmState::Resized, Power::Running),
            Self::Pause => (VmState::Paused, Power::Paused),
            Self::Suspend => (VmState::Suspended, Power::Shutdown),
            Self::Shelve => (VmState::ShelvedOffloaded, Power::Shutdown),
            Self::Delete => (VmState::Deleted, Power::None),
            _ => (VmState::Active, Power::Running),
        }
    }

    /// Whether the guest boots on the way, so that it is out of service for a while.
    pub(in crate::sim) fn boots(self) -> bool {
        !matches!(self, Self::Stop | Self::Pause | Self::Unpause | Self::Suspend | Self::Resume | Self::Shelve)
            && !matches!(self, Self::ConfirmResize | Self::LiveMigrate | Self::Delete)
    }

    /// What nova-compute calls what it does then, in the history.
    pub(in crate::sim) fn event(self) -> &'static str {
        match self {
            Self::Build => "compute__do_build_and_run_instance",
            Self::RebootSoft | Self::RebootHard => "compute_reboot_instance",
            Self::Stop => "compute_stop_instance",
            Self::Start => "compute_start_instance",
            Self::Rebuild => "compute_rebuild_instance",
            Self::Resize => "compute_finish_resize",
            Self::ConfirmResize => "compute_confirm_resize",
            Self::RevertResize => "compute_finish_revert_resize",
            Self::Pause => "compute_pause_instance",
            Self::Unpause => "compute_unpause_instance",
            Self::Suspend => "compute_suspend_instance",
            Self::Resume => "compute_resume_instance",
            Self::Shelve => "compute_shelve_instance",
            Self::Unshelve => "compute_unshelve_instance",
            Self::LiveMigrate => "compute_live_migration",
            Self::Delete => "compute_terminate_instance",
        }
    }
}

impl World {
    /// Makes the last leg of every such course take that long, until [`World::release`].
    pub fn hold(&mut self, course: Course, length: Duration) {
        self.holds.insert(course.name(), length);
    }

    /// Ends a hold for courses that begin afterwards.
    pub fn release(&mut self, course: Course) {
        self.holds.remove(course.name());
    }

    /// Makes the course that a server is on end in ERROR.
    pub fn doom(&mut self, id: Uid, code: u16, message: &str) -> bool {
        let (now, Some(place)) = (self.now, self.places.get(&id)) else { return false };
        let Some(way) = self.servers[*place].under_way.as_mut() else { return false };
        way.fails = Some(Fault { code, message: message.to_owned(), details: traceback(message), created: now });
        true
    }

    pub(in crate::sim) fn set_out(&mut self, place: usize, way: UnderWay) {
        let now = self.now;
        let server = &mut self.servers[place];
        server.turn = server.turn.wrapping_add(1);
        let first = way.course.legs()[0];
        server.task_state = first.0;
        server.under_way = Some(way);
        server.touch(now);
        let id = server.id;
        self.load_changes(id);
        self.note_leg(place);
        self.balancers_notice(place);
    }

    /// Notes when the leg that a server is on ends; not at all if its host does not answer.
    fn note_leg(&mut self, place: usize) {
        let dead = self.servers[place].host.is_some_and(|host| !self.hosts[host].up);
        let Some(way) = self.servers[place].under_way.as_mut() else { return };
        way.parked = dead;
        if dead {
            return;
        }
        let legs = way.course.legs();
        let (_, least, most) = legs[way.leg.min(legs.len() - 1)];
        let held = (way.leg + 1 == legs.len()).then(|| self.holds.get(way.course.name())).flatten();
        let length = held.copied().unwrap_or_else(|| Duration::from_millis(self.rng.u64(least..=most)));
        let turn = self.servers[place].turn;
        self.agenda.note(self.now.plus(length), Event::Leg { server: place, turn });
    }

    pub(in crate::sim) fn resume_courses_on(&mut self, host: usize) {
        for place in 0..self.servers.len() {
            let server = &self.servers[place];
            if server.host == Some(host) && server.under_way.as_ref().is_some_and(|way| way.parked) {
                self.note_leg(place);
            }
        }
    }

    pub(in crate::sim) fn next_leg(&mut self, place: usize, turn: u32) {
        let now = self.now;
        let server = &mut self.servers[place];
        if server.turn != turn {
            return;
        }
        let Some(way) = server.under_way.as_mut() else { return };
        way.leg += 1;
        let Some(leg) = way.course.legs().get(way.leg) else { return self.arrive(place) };
        let lands = matches!(way.course, Course::Build | Course::Unshelve) && way.leg == 1;
        server.task_state = leg.0;
        server.touch(now);
        let id = server.id;
        self.load_changes(id);
        if lands {
            self.land_on_host(place);
            if let Err(fault) = self.bind_awaited(place) {
                if let Some(way) = self.servers[place].under_way.as_mut() {
                    way.fails = Some(fault);
                }
                return self.arrive(place);
            }
        }
        self.note_leg(place);
    }

    fn arrive(&mut self, place: usize) {
        let now = self.now;
        let Some(way) = self.servers[place].under_way.take() else { return };
        let server = &mut self.servers[place];
        server.task_state = None;
        server.still = None;
        server.touch(now);
        let id = server.id;
        self.find_seat(id);
        self.load_changes(id);
        let server = &mut self.servers[place];
        if let Some(fault) = way.fails {
            server.vm = VmState::Error;
            server.fault = Some(Fault { created: now, ..fault });
            let message = server.fault.as_ref().map(|fault| fault.message.clone());
            self.finish_history(place, way.course, message.as_deref());
            return self.balancers_notice(place);
        }
        settle(server, &way, now);
        let gone = server.vm == VmState::Deleted;
        self.finish_history(place, way.course, None);
        if gone {
            self.forget_ports(place);
            self.note_oblivion();
        }
        self.balancers_notice(place);
    }

    /// The scheduler's choice: the least loaded host that lives, in the server's cell.
    fn land_on_host(&mut self, place: usize) {
        let mut load = vec![0usize; self.hosts.len()];
        for server in self.servers() {
            if let Some(host) = server.host {
                load[host] += 1;
            }
        }
        let cell = self.servers[place].cell;
        let fit = |host: &&(usize, &super::super::host::Host)| {
            host.1.computes() && host.1.alive() && host.1.disabled.is_none() && host.1.cell == cell
        };
        let hosts: Vec<_> = self.hosts.iter().enumerate().collect();
        let best = hosts.iter().filter(fit).min_by_key(|(at, _)| load[*at]).map(|(at, _)| *at);
        self.servers[place].host = best;
    }

    fn forget_ports(&mut self, place: usize) {
        let ports: Vec<Uid> = self.servers[place].addresses.iter().map(|address| address.port).collect();
        for port in ports {
            // What nova made goes with the server; what was there before is only let go.
            if self.networks.ports.get(&port).is_some_and(|port| port.premade) {
                self.unbind_port(port);
            } else {
                self.networks.ports.remove(&port);
            }
        }
    }
}

/// Writes what a course that went well comes to.
fn settle(server: &mut Server, way: &UnderWay, now: Moment) {
    (server.vm, server.power) = way.course.end();
    if way.course.boots() {
        server.booted = Some(now);
        server.fault = None;
    }
    if matches!(way.course, Course::Build | Course::Rebuild | Course::Resize | Course::Unshelve) {
        server.launched = Some(now.whole_second());
    }
    match way.course {
        Course::Resize => {
            server.previous_flavor = Some(server.flavor);
            server.flavor = way.flavor.unwrap_or(server.flavor);
        }
        Course::RevertResize => server.flavor = server.previous_flavor.take().unwrap_or(server.flavor),
        Course::ConfirmResize => server.previous_flavor = None,
        Course::LiveMigrate => server.host = way.host.or(server.host),
        Course::Shelve => server.host = None,
        Course::Delete => {
            server.terminated = Some(now.whole_second());
            server.host = None;
        }
        _ => {}
    }
}

/// A traceback such as admins see, of a believable length.
pub(in crate::sim) fn traceback(message: &str) -> String {
    let frames = [
        ("compute/manager.py", 2606, "_build_and_run_instance", "self.driver.spawn(context, instance, image_meta,"),
        ("virt/libvirt/driver.py", 4410, "spawn", "self._create_guest_with_network("),
        ("virt/libvirt/driver.py", 7701, "_create_guest_with_network", "guest = self._create_guest("),
        ("virt/libvirt/guest.py", 165, "launch", "return self._domain.createWithFlags(flags)"),
    ];
    let mut text = String::from("Traceback (most recent call last):\n");
    for (file, line, name, code) in frames {
        text.push_str("  File \"/usr/lib/python3/dist-packages/nova/");
        text.push_str(&format!("{file}\", line {line}, in {name}\n    {code}\n"));
    }
    text + message + "\n"
}
