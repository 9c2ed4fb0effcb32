//! From the fleet and its load to what is wrong.

use super::calm::{Anew, Calm};
use super::conclusion::Conclusion;
use super::memory::Memory;
use super::round::{Round, Whom};
use super::scene::Scene;
use super::serving::{self, State};
use super::{blind, peers, quality, rising, versions};
use crate::fleet::load::Known;

/// What is concluded, the worst first, and what is to be remembered for the next look. The same input gives the same.
///
/// To be called every ten seconds or so: what must last is measured in time, not in calls.
pub fn conclude(scene: &Scene<'_>, memory: Memory) -> (Vec<Conclusion>, Memory) {
    conclude_anew(scene, memory, &Anew::everything(scene))
}

/// The same, where the instances of some services are as they were at the last look ([`Memory::anew`]).
pub(crate) fn conclude_anew(scene: &Scene<'_>, mut memory: Memory, anew: &Anew) -> (Vec<Conclusion>, Memory) {
    let mut calm = std::mem::take(&mut memory.calm);
    let was_cut_off = calm.cut_off;
    let known = witness(scene, &mut calm, anew);
    if calm.cut_off != was_cut_off && !anew.is_everything() {
        return conclude_anew(scene, memory, &Anew::everything(scene));
    }
    let mut round = Round { scene, memory, conclusions: Vec::new() };
    round.memory.begin(scene);
    blind::look(&mut round, &calm.heard, calm.cut_off);
    let Calm { states, answers, .. } = &calm;
    for (number, service) in scene.fleet.services.iter().enumerate() {
        serving::of_service(&mut round, service, states);
        let target = scene.wanted_of(&service.key).and_then(|wanted| wanted.p95);
        quality::look(&mut round, Whom::service(service), scene.service(service), target);
        let serving = service.members.iter().filter(|at| matches!(states[**at], State::Up | State::Doubt)).count();
        rising::look(&mut round, service, serving);
        versions::look(&mut round, service);
        if !anew.has(number) {
            continue;
        }
        peers::look(&mut round, service, &known, states);
        for &at in &service.members {
            serving::of_instance(&mut round, service, at, &states[at], answers[at]);
            if !known[at].is_empty() {
                let whom = Whom::member(service, &scene.fleet.members[at]);
                quality::look(&mut round, whom, known[at], target);
            }
        }
    }
    let Round { mut memory, mut conclusions, .. } = round;
    memory.end(|id| !anew.is_everything() || scene.fleet.member(id).is_some());
    calm.settle(scene, &known, anew, &memory.services_with_suspects());
    memory.calm = calm;
    conclusions.sort_by(|one, other| {
        let by_trouble = || one.trouble.cmp(&other.trouble).then_with(|| one.about.cmp(&other.about));
        other.severity.cmp(&one.severity).then_with(by_trouble)
    });
    (conclusions, memory)
}

/// What is known of the instances that are looked at, and what all witnesses say of them; of the others that stays.
fn witness<'a>(scene: &Scene<'a>, calm: &mut Calm, anew: &Anew) -> Vec<Known<'a>> {
    let known = scene.members(anew);
    let fleet = scene.fleet;
    if anew.is_everything() {
        (calm.answers, calm.states, calm.heard) = (Vec::new(), Vec::new(), Vec::new());
        calm.answers.resize(fleet.members.len(), serving::Answer::Never);
        calm.states.resize(fleet.members.len(), State::Dark);
        calm.heard.resize(fleet.services.len(), None);
    }
    let new = || fleet.members.iter().enumerate().filter(|(_, member)| anew.has(member.service));
    new().for_each(|(at, _)| calm.answers[at] = serving::answer(scene, known[at]));
    calm.cut_off = blind::is_cut_off(scene, &calm.answers);
    new().for_each(|(at, member)| calm.states[at] = serving::state(scene, member, calm.answers[at], calm.cut_off));
    for (at, service) in fleet.services.iter().enumerate().filter(|(at, _)| anew.has(*at)) {
        calm.heard[at] = blind::heard_of_members(scene, service, &known);
    }
    known
}
