//! From the fleet and its load to what is wrong.

use super::conclusion::Conclusion;
use super::memory::Memory;
use super::round::{Round, Whom};
use super::scene::Scene;
use super::serving::{self, State};
use super::{blind, peers, quality, rising, versions};

/// What is concluded, the worst first, and what is to be remembered for the next look. The same input gives the same.
///
/// To be called every ten seconds or so: what must last is measured in time, not in calls.
pub fn conclude(scene: &Scene<'_>, memory: Memory) -> (Vec<Conclusion>, Memory) {
    let mut round = Round { scene, memory, conclusions: Vec::new() };
    round.memory.begin();
    let known = scene.members();
    let answers = serving::answers(scene, &known);
    let cut_off = blind::is_cut_off(scene, &answers);
    let members = scene.fleet.members.iter().zip(&answers);
    let states: Vec<State> = members.map(|(member, answer)| serving::state(scene, member, *answer, cut_off)).collect();
    blind::look(&mut round, &known, cut_off);
    for service in &scene.fleet.services {
        serving::of_service(&mut round, service, &states);
        let target = scene.wanted_of(&service.key).and_then(|wanted| wanted.p95);
        quality::look(&mut round, Whom::service(service), scene.service(service), target);
        let serving = service.members.iter().filter(|at| matches!(states[**at], State::Up | State::Doubt)).count();
        rising::look(&mut round, service, serving);
        versions::look(&mut round, service);
        peers::look(&mut round, service, &known, &states);
        for &at in &service.members {
            serving::of_instance(&mut round, service, at, &states[at], answers[at]);
            if !known[at].is_empty() {
                let whom = Whom::member(service, &scene.fleet.members[at]);
                quality::look(&mut round, whom, known[at], target);
            }
        }
    }
    let Round { mut memory, mut conclusions, .. } = round;
    memory.end(|id| scene.fleet.member(id).is_some());
    conclusions.sort_by(|one, other| {
        let by_trouble = || one.trouble.cmp(&other.trouble).then_with(|| one.about.cmp(&other.about));
        other.severity.cmp(&one.severity).then_with(by_trouble)
    });
    (conclusions, memory)
}
