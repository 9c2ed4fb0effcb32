//! Which source is believed for which metric, and what a service's number is of its instances'.

use crate::fleet::metric::Meter::{self, Balancer, Gnocchi, Nova, Octavia, Probe, Prometheus};
use crate::fleet::metric::Metric;

/// The sources, the most believed first. The first whose value still stands is taken.
///
/// - Requests, errors, response times: a Prometheus that knows the service tells what the application itself counted,
///   percentiles among them. A balancer counts what it passed on. Octavia's statistics know connections and requests,
///   but no answer of the 500s, and come late.
/// - Connections: whoever holds them knows them.
/// - What an instance uses: Prometheus is asked every few seconds and sees into the guest where an exporter runs there;
///   Gnocchi has means over minutes; Nova is asked last, because each answer costs a call of its own.
/// - Our own health checks are ours, and a blackbox exporter's only where we have none.
pub fn order(metric: Metric) -> [Meter; 6] {
    use Metric as M;
    match metric {
        M::Requests | M::Errors | M::ResponseMean | M::ResponseP50 | M::ResponseP95 | M::ResponseP99 => {
            [Prometheus, Balancer, Octavia, Probe, Gnocchi, Nova]
        }
        M::Connections | M::Active => [Balancer, Octavia, Prometheus, Gnocchi, Nova, Probe],
        M::Cpu | M::Memory | M::Received | M::Sent | M::DiskRead | M::DiskWritten | M::Saturation => {
            [Prometheus, Gnocchi, Nova, Balancer, Octavia, Probe]
        }
        M::ProbeTime | M::ProbeP50 | M::ProbeP95 | M::ProbeP99 | M::ProbeUp => {
            [Probe, Prometheus, Balancer, Octavia, Gnocchi, Nova]
        }
    }
}

/// The place of a source in the order of a metric.
pub(crate) fn rank(metric: Metric, meter: Meter) -> usize {
    order(metric).iter().position(|one| *one == meter).unwrap_or(usize::MAX)
}

/// What the whole is of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// The sum.
    Sum,
    /// The mean; every instance weighs the same.
    Mean,
    /// The mean, each instance weighing as many requests as it had.
    ByRequests,
    /// Nothing: percentiles of instances tell none of the whole.
    None,
}

/// What a service's number is of its instances'.
pub fn sharing(metric: Metric) -> Sharing {
    use Metric as M;
    match metric {
        M::Requests | M::Errors | M::Connections | M::Active | M::Received | M::Sent | M::DiskRead | M::DiskWritten => {
            Sharing::Sum
        }
        M::Cpu | M::Memory | M::Saturation | M::ProbeTime | M::ProbeUp => Sharing::Mean,
        M::ResponseMean => Sharing::ByRequests,
        M::ResponseP50 | M::ResponseP95 | M::ResponseP99 | M::ProbeP50 | M::ProbeP95 | M::ProbeP99 => Sharing::None,
    }
}
