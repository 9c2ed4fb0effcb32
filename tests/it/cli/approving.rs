//! A plan that wants a second person: signed by `ssh-keygen`, held against the keys that count, told in the record.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use stackdeck::base::clock::{Clock, Timestamp};
use stackdeck::operation::approval::Statement;

use super::changing::{configure, quick, text};
use super::sim::Cloud;
use crate::support::process::{Ended, end};

/// A cloud in which more than a quarter of a service wants a second person, and that person's key.
struct Desk {
    cloud: Cloud,
    plan: PathBuf,
}

impl Desk {
    fn new() -> Self {
        let cloud = quick();
        std::fs::create_dir(cloud.home.path().join(".ssh")).unwrap();
        let signers = cloud.home.path().join("signers");
        configure(&cloud, &format!("second_approver_above = 25\nallowed_signers = \"{}\"\n", signers.display()));
        let desk = Self { plan: cloud.home.path().join("plan.json"), cloud };
        desk.make_key(".ssh/id_ed25519");
        let key = std::fs::read_to_string(desk.path(".ssh/id_ed25519.pub")).unwrap();
        std::fs::write(signers, format!("mia@bank.example namespaces=\"stackdeck-plan\" {key}")).unwrap();
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.cloud.home.path().join(name)
    }

    fn make_key(&self, name: &str) {
        let mut command = Command::new("ssh-keygen");
        command.args(["-q", "-t", "ed25519", "-N", "", "-C", "somebody", "-f"]).arg(self.path(name));
        assert!(command.stdout(Stdio::null()).status().unwrap().success());
    }

    /// Saves the plan of a restart of that service.
    fn save(&self, words: &[&str]) -> Ended {
        let plan = format!("--plan={}", self.plan.display());
        self.cloud.run(&[words, &[plan.as_str()]].concat()).with_code(0)
    }

    fn saved(&self) -> Value {
        serde_json::from_str(&std::fs::read_to_string(&self.plan).unwrap()).unwrap()
    }

    fn hash(&self) -> String {
        text(&self.saved()["hash"])
    }

    /// The plan as if somebody else had saved it, who has another account on this machine: a test has but one.
    fn as_planned_by(&self, user: &str, cloud_user: &str) {
        let mut saved = self.saved();
        saved["author"] = json!({"user": user, "cloud_user": cloud_user});
        saved.as_object_mut().unwrap().remove("hash");
        saved.sort_all_objects();
        let digest = Sha256::digest(saved.to_string().as_bytes());
        saved["hash"] = digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
        std::fs::write(&self.plan, saved.to_string()).unwrap();
    }

    /// What a second person signs, now.
    fn statement(&self) -> Statement {
        Statement {
            plan: self.hash(),
            user: "mia".into(),
            host: "jump-2".into(),
            cloud_user: "mia@Default".into(),
            at: now(),
        }
    }

    /// Signs it by hand, with a key and for a purpose.
    fn sign(&self, statement: &Statement, key: &str, namespace: &str) {
        let unsigned = self.path("unsigned");
        std::fs::write(&unsigned, statement.text()).unwrap();
        let _ = std::fs::remove_file(self.path("unsigned.sig"));
        let mut command = Command::new("ssh-keygen");
        command.args(["-q", "-Y", "sign", "-n", namespace, "-f"]).arg(self.path(key)).arg(&unsigned);
        assert!(command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success());
        let signature = std::fs::read_to_string(self.path("unsigned.sig")).unwrap();
        std::fs::write(self.path("plan.json.sig"), signature + &statement.text()).unwrap();
    }

    fn approve(&self, more: &[&str]) -> Ended {
        self.cloud.run(&[&["approve", path(&self.plan), "--yes"], more].concat())
    }

    fn apply(&self, more: &[&str]) -> Ended {
        self.cloud.run(&[&["apply", path(&self.plan), "--yes"], more].concat())
    }

    /// Refused with that sentence, and nothing was written down.
    #[track_caller]
    fn refuses(&self, why: &str) {
        let refused = self.apply(&[]).with_code(7).err;
        assert!(refused.contains(why) && refused.contains("wants a second person's approval"), "{why}:\n{refused}");
        let all = self.cloud.run(&["operations", "-o", "json"]).with_code(0).json();
        assert_eq!(all["operations"], json!([]));
    }
}

fn now() -> Timestamp {
    Clock::system().now()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

const RESTART: [&str; 2] = ["restart", "service/payments"];

#[test]
fn what_a_second_person_has_signed_is_started_and_the_record_names_both() {
    let desk = Desk::new();
    let told = desk.save(&RESTART);
    assert!(told.err.contains("approve") && told.err.contains("by another person signs it"), "{}", told.err);
    desk.sign(&desk.statement(), ".ssh/id_ed25519", "stackdeck-plan");
    let planned = desk.cloud.run(&["apply", path(&desk.plan), "--plan"]).with_code(0).out;
    assert!(planned.contains("approved by mia@bank.example (mia on jump-2, mia@Default) at 20"), "{planned}");
    let told = desk.apply(&["--wait", "-o", "json"]).with_code(0).json();
    let approval = &told["operation"]["approval"];
    assert_eq!((&approval["signer"], &approval["cloud_user"]), (&json!("mia@bank.example"), &json!("mia@Default")));
    assert!(text(&approval["key"]).starts_with("SHA256:"), "{approval}");
    let shown = desk.cloud.run(&["operations", "show"]).with_code(0).out;
    assert!(shown.contains("second    by mia@bank.example"), "{shown}");
    let handed = desk.cloud.run(&["operations", "show", "-o", "md"]).with_code(0).out;
    assert!(handed.contains("- Second approval: by mia@bank.example"), "{handed}");
    let audit = desk.cloud.run(&["audit"]).with_code(0).out;
    assert!(audit.contains("with the second approval by mia@bank.example"), "{audit}");
    let exported = desk.cloud.run(&["audit", "--export"]).with_code(0).out;
    assert!(exported.contains("BEGIN SSH SIGNATURE") && !exported.contains("PRIVATE KEY"), "{exported}");
    desk.cloud.run(&["audit", "--verify"]).with_code(0);
    // The same plan could be drawn again; whoever signed it meant it once.
    let again = desk.apply(&[]).with_code(7).err;
    assert!(again.contains("it has started operation") && again.contains("let it be signed again"), "{again}");
}

#[test]
fn approve_signs_in_and_signs_what_openssh_itself_verifies() {
    let desk = Desk::new();
    desk.save(&RESTART);
    let same = desk.approve(&[]).with_code(7).err;
    assert!(same.contains("Your approval would not count: oncall@Default has planned it"), "{same}");
    desk.as_planned_by("otto", "oncall@Default");
    let same = desk.approve(&[]).with_code(7).err;
    assert!(same.contains("oncall@Default has planned it"), "{same}");
    assert!(!desk.path("plan.json.sig").exists());

    desk.as_planned_by("otto", "otto@Default");
    let approved = desk.approve(&["--expect", &desk.hash()[..12]]).with_code(0);
    assert!(approved.out.contains("Restart service payments"), "{}", approved.out);
    assert!(approved.err.contains("Approved as ") && approved.err.contains(&desk.hash()[..12]), "{}", approved.err);
    let signed = std::fs::read_to_string(desk.path("plan.json.sig")).unwrap();
    let (_, told) = signed.split_once("-----END SSH SIGNATURE-----\n").unwrap();
    let statement = Statement::read(told).unwrap();
    assert_eq!((statement.plan, statement.cloud_user.as_str()), (desk.hash(), "oncall@Default"));
    std::fs::write(desk.path("told"), told).unwrap();
    let mut verify = Command::new("ssh-keygen");
    verify.args(["-Y", "verify", "-n", "stackdeck-plan", "-I", "mia@bank.example", "-f"]).arg(desk.path("signers"));
    verify.arg("-s").arg(desk.path("plan.json.sig")).stdin(std::fs::File::open(desk.path("told")).unwrap());
    assert_eq!(end(&mut verify).code, Some(0));
    // Whoever signed it does not start it: the plan's file could name any author.
    desk.refuses("oncall@Default has signed it and would start it: these are to be two people");
}

#[test]
fn an_approval_that_does_not_count_says_why() {
    let desk = Desk::new();
    desk.save(&RESTART);
    let sign = |statement: Statement| desk.sign(&statement, ".ssh/id_ed25519", "stackdeck-plan");
    desk.refuses("2 of");
    sign(Statement { plan: "0".repeat(64), ..desk.statement() });
    desk.refuses("plan.json.sig: it is for the plan 000000000000, and this is");
    let minutes = |count: i64| Timestamp::from_second(now().as_second() - 60 * count).unwrap();
    sign(Statement { at: minutes(61), ..desk.statement() });
    desk.refuses("and an approval holds for 1 h 0 min");
    sign(Statement { at: minutes(-10), ..desk.statement() });
    desk.refuses("which is still to come");
    sign(Statement { cloud_user: "OnCall@Default".into(), ..desk.statement() });
    desk.refuses("OnCall@Default has planned it");
    let user = text(&desk.saved()["author"]["user"]);
    sign(Statement { user: user.clone(), ..desk.statement() });
    desk.refuses(&format!("{user} has planned it"));

    desk.make_key("stranger");
    desk.sign(&desk.statement(), "stranger", "stackdeck-plan");
    desk.refuses("its key is none of those in");
    desk.sign(&desk.statement(), ".ssh/id_ed25519", "git");
    desk.refuses("the signature does not hold");
    sign(desk.statement());
    let signed = std::fs::read_to_string(desk.path("plan.json.sig")).unwrap();
    std::fs::write(desk.path("plan.json.sig"), signed.replace("user mia\n", "user eva\n")).unwrap();
    desk.refuses("the signature does not hold");
    std::fs::write(desk.path("plan.json.sig"), "yes").unwrap();
    desk.refuses("it is no approval as `stackdeck approve` writes it");
    // The file's plan is another one afterwards, whatever its hash says.
    sign(desk.statement());
    desk.as_planned_by("otto", "otto@Default");
    desk.refuses("it is for the plan");
    std::fs::remove_file(desk.path("signers")).unwrap();
    desk.refuses("the allowed signers in");
}

#[test]
fn what_wants_a_second_person_is_not_started_by_one() {
    let desk = Desk::new();
    let refused = desk.cloud.run(&["restart", "service/payments", "--yes"]).with_code(7).err;
    for step in ["--plan=FILE", "`stackdeck approve FILE`", "`stackdeck apply FILE`", "--break-glass REASON"] {
        assert!(refused.contains(step), "{refused}");
    }
    let planned = desk.cloud.run(&["restart", "service/payments", "--plan", "-o", "json"]).with_code(7).json();
    assert_eq!((&planned["plan"]["may_start"], &planned["plan"]["approval_wanted"]), (&json!(false), &json!(true)));
    // What takes nothing away, and what breaks the glass.
    desk.cloud.run(&["lock", "service/payments", "--plan"]).with_code(0);
    let glass = ["restart", "service/payments", "--break-glass", "it burns"];
    let told = desk.cloud.run(&[&glass[..], &["--yes", "--wait", "-o", "json"]].concat()).with_code(0).json();
    assert_eq!(told["operation"]["waived"], json!(["the second approver"]));
    let shown = desk.cloud.run(&["operations", "show"]).with_code(0).out;
    assert!(shown.contains("break-glass: it burns; no freeze held; waives the second approver"), "{shown}");
    configure(&desk.cloud, "second_approver_above = 25\n[clouds.sim]\nsecond_approver_above = 100\n");
    desk.cloud.run(&["restart", "service/payments", "--plan"]).with_code(0);
    configure(&desk.cloud, "[clouds.sim]\nsecond_approver_above = 0\n");
    let doctor = desk.cloud.run(&["doctor"]).out;
    assert!(doctor.contains("wanted above 0 % of a service, and nobody's key counts"), "{doctor}");
    let planned = desk.cloud.run(&["restart", "payments-01", "--plan"]).with_code(7).out;
    assert!(planned.contains("allowed_signers` has to name their keys first"), "{planned}");
}

#[test]
fn without_a_key_or_the_program_nothing_is_signed_and_it_says_what_is_missing() {
    let desk = Desk::new();
    desk.save(&RESTART);
    desk.as_planned_by("otto", "otto@Default");
    let none = desk.approve(&["--key", "nowhere"]).with_code(2).err;
    assert!(none.contains("There is no key nowhere"), "{none}");
    let arguments = ["approve", path(&desk.plan), "--yes"];
    let mut command = desk.cloud.home.command();
    let without = end(command.args(arguments).env("PATH", desk.path("")));
    assert_eq!(without.code, Some(5), "{}", without.err);
    assert!(without.err.contains("ssh-keygen is not on this machine"), "{}", without.err);
    std::fs::remove_dir_all(desk.path(".ssh")).unwrap();
    let none = desk.approve(&[]).with_code(2).err;
    assert!(none.contains("None of id_ed25519, id_ecdsa, id_rsa is in") && none.contains("--key FILE"), "{none}");
    let asked = desk.cloud.run(&["approve", path(&desk.plan)]).with_code(2).err;
    assert!(asked.contains("no terminal here to ask on"), "{asked}");
    assert!(!desk.path("plan.json.sig").exists());
}
