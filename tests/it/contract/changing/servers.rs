//! What ports and servers owe on any cloud: made with a stamp, found by it, made anew, and gone.

use stackdeck::base::failure::FailureKind;
use stackdeck::base::id::{ImageId, InstanceId, PortId};
use stackdeck::openstack::compute::{self, Image, Stamp};
use stackdeck::openstack::network;
use stackdeck::operation::change::{Boot, FixedIp, Made, NewPort, NewServer, Rebuild, Refusal};
use stackdeck::operation::{Change, Outcome};

use super::{Note, accepted, refused, until};
use crate::contract::side::Side;
use crate::support::permits::permit;

const NOWHERE: &str = "00000000-0000-4000-8000-00000000dead";

/// What one run makes, by the name that is its stamp.
struct Run<'a> {
    side: &'a Side,
    name: String,
    image: ImageId,
    other: ImageId,
}

/// From the port to nothing: all that a replaced instance goes through.
pub(crate) async fn all(side: &Side, note: Note<'_>) {
    let images = side.member.raw.get("image", "/v2/images?service=payments", None).await.json();
    let of = |place: usize| -> ImageId { images["images"][place]["id"].as_str().expect("an image").into() };
    let run = Run { side, name: format!("sd-test-{:08x}", fastrand::u32(..)), image: of(1), other: of(0) };
    let port = run.port(note).await;
    let server = run.server(&port, note).await;
    run.settles(&server, &port).await;
    run.refusals(&port).await;
    run.made_anew(&server).await;
    run.goes(&server, &port).await;
}

impl Run<'_> {
    fn new_port(&self) -> NewPort {
        NewPort {
            network: self.side.id("network").into(),
            name: self.name.clone(),
            description: Some("made by a test".into()),
            security_groups: None,
            fixed_ips: Vec::new(),
        }
    }

    fn new_server(&self, port: &PortId) -> NewServer {
        NewServer {
            name: self.name.clone(),
            boot: Boot::Image(self.image.clone()),
            flavor: self.side.id("flavor").into(),
            ports: vec![port.clone()],
            key: None,
            metadata: [("service".to_owned(), "sd-test".to_owned()), ("stackdeck".to_owned(), self.name.clone())]
                .into(),
            tags: vec![self.name.clone()],
            group: None,
            zone: None,
            description: Some("made by a test".into()),
            user_data: None,
            config_drive: false,
        }
    }

    async fn row(&self, server: &InstanceId) -> compute::Server {
        compute::server(&self.side.member.cloud, server).await.expect("the server")
    }

    async fn named(&self) -> Vec<network::Port> {
        network::ports_named(&self.side.member.reader(), &self.name).await.expect("ports")
    }

    /// A port is found by its name while nobody has it, and its address is given once.
    async fn port(&self, note: Note<'_>) -> PortId {
        assert!(self.named().await.is_empty());
        let made = accepted(self.side, Change::CreatePort(Box::new(self.new_port())), 201).await;
        let Some(Made::Port(id)) = made else { panic!("a port: {made:?}") };
        note("network", format!("/v2.0/ports/{id}"));
        let [found] = <[_; 1]>::try_from(self.named().await).expect("one port");
        assert_eq!((found.id.as_deref(), found.device_id.as_deref()), (Some(id.as_str()), Some("")));
        let row = network::port(&self.side.member.cloud, &id).await.expect("the port");
        let fixed = row.fixed_ips.all().next().expect("an address");
        let (subnet, address) = (fixed.subnet_id.or_empty().as_str().into(), fixed.ip_address.0);
        let same = NewPort { fixed_ips: vec![FixedIp { subnet, address }], ..self.new_port() };
        assert_eq!(refused(self.side, Change::CreatePort(Box::new(same))).await, Refusal::Duplicate);
        let nowhere = NewPort { network: NOWHERE.into(), ..self.new_port() };
        assert_eq!(refused(self.side, Change::CreatePort(Box::new(nowhere))).await, Refusal::Gone);
        id
    }

    /// A server is found by each of its stamps as soon as it is accepted, and a bare list hides nobody.
    async fn server(&self, port: &PortId, note: Note<'_>) -> InstanceId {
        let made = accepted(self.side, Change::CreateServer(Box::new(self.new_server(port))), 202).await;
        let Some(Made::Server(id)) = made else { panic!("a server: {made:?}") };
        note("compute", format!("/v2.1/servers/{id}"));
        let reader = self.side.member.reader();
        for stamp in [Stamp::Tag(&self.name), Stamp::Metadata("stackdeck", &self.name), Stamp::Name(&self.name)] {
            let rows = compute::stamped(&reader, stamp).await.expect("a search");
            let ids: Vec<_> = rows.iter().filter_map(|row| row.id.as_deref()).collect();
            assert_eq!(ids, [id.as_str()], "{stamp:?}");
        }
        assert!(compute::stamped(&reader, Stamp::Tag("sd-test-nobody")).await.expect("a search").is_empty());
        let hidden = compute::hidden(&self.side.member.cloud).await.expect("a bare list");
        assert!(hidden.is_nobody(), "{hidden:?}");
        id
    }

    /// It becomes ACTIVE with what it was made with, and has the port.
    async fn settles(&self, server: &InstanceId, port: &PortId) {
        until("it is ACTIVE", async || self.row(server).await.status.as_deref() == Some("ACTIVE")).await;
        let row = self.row(server).await;
        let texts = |list: Vec<stackdeck::openstack::lenient::Text>| list.into_iter().filter_map(|text| text.0);
        assert_eq!(texts(row.tags.0).collect::<Vec<_>>(), [self.name.as_str()]);
        assert_eq!(row.description.as_deref(), Some("made by a test"));
        assert_eq!(row.image, Image::Id(self.image.to_string()));
        let bound = network::port(&self.side.member.cloud, port).await.expect("the port");
        assert_eq!(bound.device_id.as_deref(), Some(server.as_str()));
        let address = bound.fixed_ips.all().next().and_then(|fixed| fixed.ip_address.0).expect("an address");
        let shown = row.addresses.0.into_iter().flat_map(|(_, of)| of.all().collect::<Vec<_>>());
        assert!(shown.filter_map(|one| one.addr.0).any(|text| text == address), "its address is the port's");
    }

    async fn refusals(&self, port: &PortId) {
        let create = |new: NewServer| refused(self.side, Change::CreateServer(Box::new(new)));
        assert_eq!(create(self.new_server(port)).await, Refusal::InUse, "one server has the port");
        let nobody = PortId::from(NOWHERE);
        assert_eq!(create(self.new_server(&nobody)).await, Refusal::Other);
        let no_image = NewServer { boot: Boot::Image(NOWHERE.into()), ..self.new_server(port) };
        assert_eq!(create(no_image).await, Refusal::Other);
        let gone = Change::DeleteServer { server: NOWHERE.into() };
        assert_eq!(refused(self.side, gone).await, Refusal::Gone);
    }

    /// A rebuild writes image, metadata and description at once, and takes its time.
    async fn made_anew(&self, server: &InstanceId) {
        let rebuild = Change::Rebuild(Box::new(Rebuild {
            server: server.clone(),
            image: self.other.clone(),
            metadata: [("service".to_owned(), "sd-test".to_owned()), ("round".to_owned(), "2".to_owned())].into(),
            description: Some("made anew".into()),
            user_data: None,
            volume_backed: false,
        }));
        assert_eq!(accepted(self.side, rebuild.clone(), 202).await, None);
        let row = self.row(server).await;
        assert_eq!(row.image, Image::Id(self.other.to_string()), "before it is done");
        assert_eq!(row.description.as_deref(), Some("made anew"));
        let pairs: Vec<_> = row.metadata.texts().collect();
        let wanted = [("round", "2"), ("service", "sd-test")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert!(pairs.len() == 2 && wanted.iter().all(|pair| pairs.contains(pair)), "the whole map: {pairs:?}");
        let twice = self.side.member.cloud.perform(permit(rebuild)).await;
        assert!(matches!(twice, Outcome::Refused { why: Refusal::Busy, .. }), "{twice:?}");
        until("it is ACTIVE", async || {
            let row = self.row(server).await;
            row.status.as_deref() == Some("ACTIVE") && row.task_state.0.is_none()
        })
        .await;
        let history = compute::history(&self.side.member.cloud, server).await.expect("a history");
        assert_eq!(history.iter().filter(|entry| entry.verb.as_deref() == Some("rebuild")).count(), 1);
    }

    /// The server goes, its port stays until it is deleted too; both are gone for whoever asks again.
    async fn goes(&self, server: &InstanceId, port: &PortId) {
        let delete = || Change::DeleteServer { server: server.clone() };
        accepted(self.side, delete(), 204).await;
        until("it is gone", async || match compute::server(&self.side.member.cloud, server).await {
            Ok(_) => false,
            Err(failure) => {
                assert_eq!(failure.kind, FailureKind::NotFound, "{failure:?}");
                true
            }
        })
        .await;
        assert_eq!(refused(self.side, delete()).await, Refusal::Gone);
        until("its port is free", async || {
            let [found] = <[_; 1]>::try_from(self.named().await).expect("the port");
            found.device_id.as_deref() == Some("")
        })
        .await;
        let delete = || Change::DeletePort { port: port.clone() };
        accepted(self.side, delete(), 204).await;
        assert_eq!(refused(self.side, delete()).await, Refusal::Gone);
        assert!(self.named().await.is_empty());
    }
}
