//! What always holds, whatever a day brings. Asserted after every call, after every record, and at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use stackdeck::base::clock::since;
use stackdeck::base::id::MemberId;
use stackdeck::fleet::instance::Status;
use stackdeck::operation::fold::{Operation, Phase, Progress, Stage};
use stackdeck::operation::record::{Announcement, Verdict, Wish};
use stackdeck::operation::{Change, Event, Gate, Outcome, Record, Step, stamp};
use stackdeck::sim::moment::Moment;
use stackdeck::sim::uid::Uid;
use stackdeck::sim::world::World;
use stackdeck::sim::world::balancer::Member;
use stackdeck::sim::world::instance::Server;
use stackdeck::store::Permit;
use stackdeck::store::journal::Head;

use super::cloud::state;
use super::making;
use super::remains;
use super::scene::Scene;

/// No day has so many records that ever ends.
const ENDLESS: u64 = 20_000;

/// Reads an operation's records as they come.
#[derive(Default)]
pub struct Reader {
    /// What they tell so far.
    pub operation: Option<Operation>,
    /// The last announcement.
    announced: Option<Announcement>,
    /// When each step was first announced, by the cloud's time.
    first: BTreeMap<usize, Moment>,
    /// When the end of each step was first seen, by the cloud's time, and how long nothing had been seen by then.
    reached: BTreeMap<usize, (Moment, Duration)>,
    /// How long the looks took that failed, of whoever drove it.
    unseen: Duration,
    taken: BTreeSet<usize>,
    aborted: bool,
    /// It ended while it was paused: nobody could look.
    ended_paused: bool,
    /// The newest worker that has claimed it.
    driver: Option<usize>,
    read: u64,
    /// The journal's head at some time before its end: an anchor.
    anchor: Option<Head>,
}

impl Reader {
    pub fn is_over(&self) -> bool {
        self.operation.as_ref().is_some_and(Operation::is_over)
    }

    fn take(&mut self, record: &Record, world: &World) -> Result<(), String> {
        let now = world.now();
        let stage = self.operation.as_ref().map(|operation| operation.stage);
        self.ended_paused |= matches!((&record.event, stage), (Event::Finished { .. }, Some(Stage::Paused(_))));
        match &mut self.operation {
            Some(operation) => operation.apply(record).map_err(|illegal| illegal.to_string())?,
            None => self.operation = Some(Operation::fold([record]).map_err(|illegal| illegal.to_string())?),
        }
        self.of_driver(record)?;
        match &record.event {
            Event::Asked { wish: Wish::Abort } => self.aborted = true,
            Event::Announced(announcement) if self.aborted && !self.restores(announcement.step) => {
                return Err("announced after an abort".to_owned());
            }
            Event::Announced(announcement) if self.taken.contains(&announcement.step) => {
                return Err("announced what was answered".to_owned());
            }
            Event::Announced(announcement) => {
                self.first.entry(announcement.step).or_insert(now);
                self.announced = Some(announcement.clone());
            }
            Event::Answered { step, outcome: Outcome::Accepted { .. } | Outcome::Found { .. } } => {
                self.taken.insert(*step);
            }
            Event::Reached { step, .. } => drop(self.reached.insert(*step, (now, self.unseen))),
            Event::Passed { step, .. } => self.held(*step, world)?,
            _ => {}
        }
        Ok(())
    }

    fn restores(&self, step: usize) -> bool {
        self.operation.as_ref().is_some_and(|operation| operation.plan.steps[step].gives_back())
    }

    /// A look of that worker took so long, and failed.
    pub fn unseen(&mut self, worker: usize, took: Duration) {
        if self.driver == Some(worker) {
            self.unseen += took;
        }
    }

    /// Whatever a clock says and whoever drives it: the gate holds for as long as the plan wants, and what was not seen does
    /// not count.
    fn held(&self, step: usize, world: &World) -> Result<(), String> {
        let Some(plan) = self.operation.as_ref().map(|operation| &operation.plan) else { return Ok(()) };
        let held = self.reached.get(&step).map_or(Duration::ZERO, |(reached, unseen)| {
            world.now().since(*reached).saturating_sub(self.unseen.saturating_sub(*unseen))
        });
        let wanted = match plan.steps[step].gate {
            Gate::Open => Duration::ZERO,
            Gate::Kept => plan.limits.keep,
            Gate::Drained => plan.limits.drain,
            Gate::Answering => plan.limits.answering,
            Gate::Well => plan.limits.min_ready,
        };
        let winds_down = self.operation.as_ref().is_some_and(Operation::winds_down);
        // Nobody waits for who is gone.
        let target = Uid::parse(plan.steps[step].target.id.as_str()).and_then(|id| world.server(id));
        let gone = plan.steps[step].gate == Gate::Kept && !target.is_some_and(Server::lives);
        if plan.steps[step].pools.is_empty() || held >= wanted || winds_down || gone {
            return Ok(());
        }
        Err(format!("the gate of step {step} held for {held:?} alone"))
    }

    /// Who has been succeeded writes nothing more but the answer to its last call.
    fn of_driver(&mut self, record: &Record) -> Result<(), String> {
        let Some(writer) = record.by.program.strip_prefix("worker ").and_then(|number| number.parse().ok()) else {
            return Ok(());
        };
        match (&record.event, self.driver) {
            (Event::Claimed { .. }, driver) if driver.is_none_or(|driver| driver < writer) => {
                self.driver = Some(writer);
                Ok(())
            }
            (Event::Answered { .. }, Some(driver)) if writer < driver => Ok(()),
            (_, Some(driver)) if writer == driver => Ok(()),
            (event, driver) => Err(format!("{} by worker {writer}, and {driver:?} drives it", event.kind())),
        }
    }
}

/// A call was announced, durably, by the very last announcement of its operation; no call of this step had been taken
/// before, and none is on its way. What came before it is at rest.
pub fn of_call(permit: &Permit, scene: &mut Scene) {
    let held = nothing_promised(permit)
        .and_then(|()| announced(permit, scene))
        .and_then(|()| not_twice(permit, scene))
        .and_then(|()| in_order(permit, scene));
    let held = held.and_then(|()| drained(permit, scene)).and_then(|()| left(permit, scene));
    let held = held.and_then(|()| another_serves(permit, scene)).and_then(|()| preserved(permit, scene));
    if let Err(broken) = held {
        scene.broken.push(broken);
    }
}

/// What is sent to the cloud names what is there.
fn nothing_promised(permit: &Permit) -> Result<(), String> {
    let sent = format!("{:?}", permit.change());
    if sent.contains("(@") || sent.contains("\"@") { Err(format!("a promise is sent: {sent}")) } else { Ok(()) }
}

fn announced(permit: &Permit, scene: &Scene) -> Result<(), String> {
    let strand = &scene.strands[scene.strand(permit.operation())];
    let announced = strand.reader.announced.as_ref().ok_or("a call without an announcement")?;
    if announced.change == *permit.change() && announced.attempt == permit.attempt() && announced.step == permit.step()
    {
        return Ok(());
    }
    Err(format!("{permit:?} is not what was announced: {announced:?}"))
}

fn not_twice(permit: &Permit, scene: &Scene) -> Result<(), String> {
    let (strand, step) = (scene.strand(permit.operation()), permit.step());
    if let Some(before) = scene.executed.iter().find(|before| before.strand == strand && before.step == step) {
        return Err(format!("step {step} is called again, though it was executed at {:?}", before.at));
    }
    if scene.late.iter().any(|late| late.strand == strand && late.step == step) {
        return Err(format!("step {step} is called again while the first call is on its way"));
    }
    Ok(())
}

/// One after another: all before it are where the verb leads, and their own pool members that took requests before do.
fn in_order(permit: &Permit, scene: &Scene) -> Result<(), String> {
    if scene.meddled || scene.strands.len() > 1 {
        return Ok(());
    }
    let strand = &scene.strands[0];
    let Some(operation) = &strand.reader.operation else { return Ok(()) };
    let about_servers = |(step, _): &(&Step, &Progress)| step.change.server().is_some();
    let steps = operation.plan.steps.iter().zip(&operation.steps).take(permit.step()).filter(about_servers);
    // What gives back is done in whatever state the others are.
    for (step, progress) in steps.filter(|_| !operation.winds_down()) {
        let server = scene.world.server(Uid::parse(step.target.id.as_str()).unwrap());
        // Who has left since is out of it.
        let Some(server) = server.filter(|server| server.lives()) else { continue };
        let now = state(server);
        if progress.phase == Phase::Passed && (now.task_state.is_some() || !fits(&step.change, &now.text())) {
            return Err(format!("step {} begins, and {} is {}", permit.step(), step.target.name, now.text()));
        }
        let pools = scene.world.balancers.all.iter().map(|balancer| &balancer.pool);
        let mut own = pools.flat_map(|pool| &pool.members).filter(|member| member.server == server.id);
        let failed =
            |id: &Uid| progress.announced.iter().flat_map(|of| &of.failing).any(|at| at.as_str() == id.to_string());
        let serves = step.gate == Gate::Well && !step.own.is_empty() && !step.change.takes_away();
        if let Some(member) = own.find(|one| serves && matches!(one.operating, "ERROR" | "OFFLINE") && !failed(&one.id))
        {
            return Err(format!("step {} begins, and {} is {}", permit.step(), member.name, member.operating));
        }
    }
    Ok(())
}

/// What is drained for a restart or a rebuild is out of rotation when it comes, it alone of all targets, and at no time is it the last.
fn drained(permit: &Permit, scene: &Scene) -> Result<(), String> {
    if scene.meddled || scene.strands.len() > 1 {
        return Ok(());
    }
    let Some(operation) = &scene.strands[0].reader.operation else { return Ok(()) };
    let (steps, number) = (&operation.plan.steps, permit.step());
    let interrupts = matches!(permit.change(), Change::Reboot { .. } | Change::Rebuild(_) | Change::Stop { .. });
    if !interrupts || !steps.iter().any(Step::gives_back) {
        return Ok(());
    }
    let away = |id: &MemberId| member(scene, id).is_some_and(|member| member.weight == 0);
    if let Some(id) = steps[number].own.iter().find(|id| !away(id)) {
        return Err(format!("step {number} interrupts, and {id} is in rotation"));
    }
    let others = steps.iter().filter(|step| step.slot != steps[number].slot);
    match others.flat_map(|step| &step.own).find(|id| away(id)) {
        Some(id) => Err(format!("step {number} interrupts, and {id} is out of rotation too")),
        None => Ok(()),
    }
}

/// Who is deleted is in no pool any more, and off for so long that it could have been put back; unless that was not wished.
fn left(permit: &Permit, scene: &Scene) -> Result<(), String> {
    let Change::DeleteServer { server } = permit.change() else { return Ok(()) };
    if scene.meddled || scene.strands.len() > 1 {
        return Ok(());
    }
    let Some(operation) = &scene.strands[0].reader.operation else { return Ok(()) };
    let own = &operation.plan.steps[permit.step()].own;
    if let Some(id) = own.iter().find(|id| member(scene, id).is_some()) {
        return Err(format!("{server} is deleted, and {id} is in its pool"));
    }
    let found = scene.world.server(Uid::parse(server.as_str()).unwrap());
    let up = found.filter(|server| server.lives()).is_some_and(|server| state(server).status != Status::Shutoff);
    // What was only just made is not kept.
    let step = &operation.plan.steps[permit.step()];
    let kept = operation.plan.of_target(permit.step()).any(|(_, one)| one.undoes) && !step.undoes;
    if kept && up { Err(format!("{server} is deleted, and it is up")) } else { Ok(()) }
}

/// What the cloud knew of who is deleted is in the journal.
fn preserved(permit: &Permit, scene: &Scene) -> Result<(), String> {
    let Change::DeleteServer { server } = permit.change() else { return Ok(()) };
    let strand = &scene.strands[scene.strand(permit.operation())];
    let Some(operation) = &strand.reader.operation else { return Ok(()) };
    let kept = operation.has_preserved(permit.step());
    if kept { Ok(()) } else { Err(format!("{server} is deleted, and nothing of it was preserved")) }
}

/// Whoever is replaced is not touched before the one in its place is up, and has its share of the requests.
fn another_serves(permit: &Permit, scene: &Scene) -> Result<(), String> {
    if scene.meddled || scene.strands.len() > 1 {
        return Ok(());
    }
    let Some(operation) = &scene.strands[0].reader.operation else { return Ok(()) };
    let steps = &operation.plan.steps;
    let step = &steps[permit.step()];
    let instead = |one: &&Step| one.instead_of.as_ref() == Some(&step.target.id);
    let Some((made, new)) = steps.iter().find(instead).map(|one| (one.slot, &one.target.id)) else { return Ok(()) };
    // What is given back to it, it gets whoever serves.
    if step.gives_back() {
        return Ok(());
    }
    let of_new: Vec<_> = steps.iter().filter(|one| one.slot == made && one.target.id == *new).collect();
    let stamp = stamp::stamp(&operation.id, made);
    let server = making::stamped(&scene.world, &stamp).next().and_then(|id| scene.world.server(id));
    let up = server.is_some_and(|server| state(server).status == Status::Active);
    let serves = |id: &MemberId| member(scene, id).is_some_and(|member| member.weight > 0);
    if up && of_new.iter().flat_map(|one| &one.own).all(serves) {
        return Ok(());
    }
    Err(format!("{} is touched, and nobody serves in its place", step.target.name))
}

fn member<'a>(scene: &'a Scene, id: &MemberId) -> Option<&'a Member> {
    let pools = scene.world.balancers.all.iter().map(|balancer| &balancer.pool);
    pools.flat_map(|pool| &pool.members).find(|member| member.id.to_string() == id.as_str())
}

/// Whoever was drained for a restart is back, unless it cannot serve, could not for as long as the plan waits, or nobody
/// could look.
fn nobody_is_left_away(scene: &mut Scene, operation: &Operation) {
    let (steps, reader) = (&operation.plan.steps, &scene.strands[0].reader);
    if reader.ended_paused {
        return;
    }
    let waited = |of: &Progress| of.begun.zip(of.ended).map_or(Duration::ZERO, |(begun, ended)| since(begun, ended));
    let told = |of: &Progress| match of.phase {
        // The cloud has refused it.
        Phase::Failed => true,
        Phase::Skipped => scene.skew != 0 || waited(of) >= operation.plan.limits.healthy,
        _ => false,
    };
    // From the first call behind it on nothing is undone.
    let beyond = |at: usize, slot: usize| {
        let later = steps.iter().zip(&operation.steps).skip(at + 1);
        later.filter(|(step, _)| step.slot == slot && !step.undoes).any(|(_, of)| of.announced.is_some())
    };
    let owed = |at: usize, step: &Step| step.restores || step.undoes && !beyond(at, step.slot);
    let owing = steps.iter().zip(&operation.steps).enumerate();
    let owing = owing.filter(|(at, (step, of))| owed(*at, step) && !told(of));
    let mut broken = Vec::new();
    for (_, (step, _)) in owing {
        let server = Uid::parse(step.target.id.as_str()).and_then(|id| scene.world.server(id));
        let Some(server) = server else { continue };
        let Change::SetMember { member: id, .. } = &step.change else { continue };
        if step.change.takes_away() {
            continue;
        }
        let Some(member) = member(scene, id) else { continue };
        let serves = state(server).text() == "ACTIVE" && member.operating != "ERROR";
        if serves && member.weight == 0 {
            broken.push(format!("{} is left out of rotation: {}", step.target.name, member.operating));
        }
    }
    scene.broken.extend(broken);
}

/// Whether a change leads to a state, as [`State::text`](stackdeck::operation::State::text) tells it.
fn fits(change: &Change, state: &str) -> bool {
    match change {
        Change::Reboot { .. } | Change::Start { .. } | Change::Rebuild(_) => state.starts_with("ACTIVE"),
        Change::Stop { .. } => state.starts_with("SHUTOFF"),
        Change::DeleteServer { .. } => state.starts_with("DELETED"),
        Change::Lock { .. } => state.ends_with("locked"),
        Change::Unlock { .. } => !state.ends_with("locked"),
        other => panic!("no day has a {}", other.call()),
    }
}

/// The records make sense, and tell no repetition of what was answered.
pub fn of_records(scene: &mut Scene, strand: usize) {
    let of = &mut scene.strands[strand];
    for record in scene.journal.records_after(&of.id, of.reader.read) {
        of.reader.read = record.sequence;
        if record.sequence > ENDLESS.max(100 * of.targets.len() as u64) {
            let all = scene.journal.records_after(&of.id, record.sequence - 40);
            let last: Vec<String> = all.iter().map(|one| format!("{} {:?}", one.at, one.event)).collect();
            panic!("{:?}\na day without an end:\n{}", scene.day, last.join("\n"));
        }
        if let Err(broken) = of.reader.take(&record, &scene.world) {
            scene.broken.push(format!("record {}: {broken}", record.sequence));
        }
    }
    if of.reader.anchor.is_none() && of.reader.read > 6 {
        of.reader.anchor = Some(scene.journal.head());
    }
}

/// The end is what the records say.
pub fn of_end(scene: &mut Scene, operations: &[Operation]) {
    for (strand, operation) in operations.iter().enumerate() {
        of_records(scene, strand);
        let anchor = scene.strands[strand].reader.anchor.clone();
        if let Err(broken) = scene.journal.verify(anchor.as_ref()) {
            scene.broken.push(format!("the chain is broken: {broken:?}"));
        }
        let broken: Vec<String> = at_rest(scene, strand, operation).chain(executed(scene, strand, operation)).collect();
        scene.broken.extend(broken);
    }
    if !scene.meddled {
        where_they_lead(scene, operations);
        operations.iter().for_each(|operation| runs_what_was_rolled_out(scene, operation));
    }
    for (strand, operation) in operations.iter().enumerate() {
        let broken = made_whole_or_not_at_all(scene, strand, operation);
        scene.broken.extend(broken);
        let misjudged = remains::misjudged(&scene.world, operation, scene.meddled);
        scene.broken.extend(misjudged);
    }
    if let ([operation], false) = (operations, scene.meddled) {
        nobody_is_left_away(scene, operation);
    }
}

/// Of each instance that was to be made there is one, with its port, or none of either: nothing is made twice, and nothing
/// is left over. (Reference 10, invariants 1 and 5.)
fn made_whole_or_not_at_all(scene: &Scene, strand: usize, operation: &Operation) -> Vec<String> {
    let (steps, mut broken) = (&operation.plan.steps, Vec::new());
    for (at, step) in steps.iter().enumerate().filter(|(_, step)| matches!(step.change, Change::CreateServer(_))) {
        let stamp = stamp::stamp(&operation.id, step.slot);
        let servers = making::stamped(&scene.world, &stamp).count();
        let ports = scene.world.networks.ports.values().filter(|port| port.name.starts_with(&format!("{stamp}-")));
        let ports = ports.count();
        if servers > 1 || ports > 1 {
            broken.push(format!("slot {} has {servers} servers and {ports} ports", step.slot));
        }
        let slot = || steps.iter().zip(&operation.steps).filter(|(one, _)| one.slot == step.slot);
        let over = |of: &Progress| matches!(of.phase, Phase::Passed | Phase::Skipped);
        let made = operation.steps[at].phase == Phase::Passed;
        let whole = made && slot().filter(|(one, _)| !one.undoes).all(|(_, of)| over(of));
        // Nobody could look any more, or the cloud has refused to take it away.
        let left = scene.strands[strand].reader.ended_paused
            || slot().any(|(one, of)| one.undoes && of.phase == Phase::Failed);
        // Who takes another's place may stay where that one does not serve: never both, and never neither.
        let in_its_place = scene.strands.len() > 1 || !old_serves(scene, operation, at);
        let may_stay = slot().any(|(one, _)| one.instead_of.is_some()) && in_its_place;
        let wanted = usize::from(whole || may_stay && servers == 1);
        if !left && !scene.meddled && (servers, ports) != (wanted, wanted) {
            broken.push(format!(
                "slot {} at step {at} is whole: {whole}, with {servers} servers and {ports} ports",
                step.slot
            ));
        }
    }
    broken
}

/// Whether whoever is replaced in the slot of this step is up, with its shares.
fn old_serves(scene: &Scene, operation: &Operation, at: usize) -> bool {
    let (steps, new) = (&operation.plan.steps, &operation.plan.steps[at].target.id);
    let mut old = steps.iter().filter(|one| one.slot == steps[at].slot && one.target.id != *new).peekable();
    let server = old.peek().and_then(|one| scene.world.server(Uid::parse(one.target.id.as_str()).unwrap()));
    let up = server.is_some_and(|server| state(server).text() == "ACTIVE");
    let mut seats = old.flat_map(|one| &one.own);
    up && seats.all(|id| member(scene, id).is_some_and(|member| member.weight > 0))
}

/// Done is said of a rollout only where every target runs it. (Reference 10, invariant 10.)
fn runs_what_was_rolled_out(scene: &mut Scene, operation: &Operation) {
    let rolled = operation.plan.verb().brings_release() && operation.stage == Stage::Finished(Verdict::Done);
    let alone = scene.strands.len() == 1;
    let mut broken = Vec::new();
    for step in operation.plan.steps.iter().filter(|step| rolled && alone && step.version.is_some()) {
        let server = scene.world.server(Uid::parse(step.target.id.as_str()).unwrap()).unwrap();
        let runs = scene.world.runs(server).1;
        if step.version.as_ref() != Some(&runs) {
            broken.push(format!("done, and {} runs {runs}, not {:?}", server.name, step.version));
        }
    }
    scene.broken.extend(broken);
}

/// It is over, and nothing is under way any more, unless nobody could look. What failed is the last that was begun.
fn at_rest(scene: &Scene, strand: usize, operation: &Operation) -> impl Iterator<Item = String> {
    let Stage::Finished(verdict) = operation.stage else {
        return vec![format!("the operation never ended: {:?}", operation.stage)].into_iter();
    };
    let mut broken = Vec::new();
    for (number, step) in operation.steps.iter().enumerate() {
        let over = matches!(step.phase, Phase::Passed | Phase::Skipped);
        let holds = match verdict {
            _ if operation.is_passed_over(number) => true,
            Verdict::Done => over,
            Verdict::Incomplete => over && operation.plan.verb().brings_release(),
            // What was aborted may fail while it gives back; what came to nothing before is not tried again.
            Verdict::Failed if operation.abort_asked && matches!(step.phase, Phase::Reached | Phase::Pending(_)) => {
                true
            }
            Verdict::Failed => over || step.phase == Phase::Failed || step.announced.is_none(),
            Verdict::Aborted => !step.phase.is_in_flight() || scene.strands[strand].reader.ended_paused,
            Verdict::Expired => step.announced.is_none(),
        };
        if !holds {
            broken.push(format!("{verdict:?}, and step {number} is {:?}", step.phase));
        }
    }
    let open = operation.steps.iter().enumerate().position(|(number, step)| {
        !matches!(step.phase, Phase::Passed | Phase::Skipped) && !operation.plan.steps[number].undoes
    });
    let steps = operation.plan.steps.iter().zip(&operation.steps).skip(open.map_or(usize::MAX, |open| open + 1));
    if steps.into_iter().any(|(step, of)| of.begun.is_some() && !step.gives_back()) {
        broken.push(format!("{verdict:?} at step {open:?}, and a later one was begun"));
    }
    broken.into_iter()
}

/// Nothing was executed twice, or unannounced; and what is done was done by somebody.
fn executed(scene: &Scene, strand: usize, operation: &Operation) -> Vec<String> {
    let mut broken = Vec::new();
    for (number, step) in operation.steps.iter().enumerate() {
        let ours = scene.executed.iter().filter(|one| one.strand == strand && one.step == number).count();
        if ours > 1 {
            broken.push(format!("step {number} was executed {ours} times"));
        }
        if ours == 1 && step.announced.is_none() {
            broken.push(format!("step {number} was executed and never announced"));
        }
        let Some(first) = scene.strands[strand].reader.first.get(&number) else { continue };
        let target = operation.plan.steps[number].change.object();
        let others = scene.executed.iter().any(|one| one.change.object() == target && one.at >= *first);
        if ours == 0 && step.phase == Phase::Passed && !others && !scene.meddled {
            broken.push(format!("step {number} is done, and nothing was executed"));
        }
    }
    broken
}

/// Where every operation is done, each target is where the last call to it leads.
fn where_they_lead(scene: &mut Scene, operations: &[Operation]) {
    if operations.iter().any(|operation| operation.stage != Stage::Finished(Verdict::Done)) {
        return;
    }
    let of_servers = scene.executed.iter().filter_map(|one| Some((one.change.server()?.as_str(), &one.change)));
    let last: BTreeMap<&str, &Change> = of_servers.collect();
    let mut broken = Vec::new();
    for (id, change) in last {
        let Some(server) = scene.world.server(Uid::parse(id).unwrap()) else { continue };
        let text = state(server).text();
        if !fits(change, &text) {
            broken.push(format!("done, and {} is {text} after {}", server.name, change.call()));
        }
    }
    scene.broken.extend(broken);
}
