//! `grpc.health.v1`, following the readiness of the server.

use super::proto::guard_server::SERVICE_NAME;
use futures_util::{StreamExt, stream::BoxStream};
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use tonic::{Request, Response, Status};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse,
    health_check_response::ServingStatus,
    health_server::{Health, HealthServer},
};

/// Answers for the empty service and for `promptguard.v1.Guard`, which are ready together.
#[derive(Debug)]
pub(super) struct Readiness {
    ready: watch::Receiver<bool>,
}

/// The health service over a flag that the owner of the sender sets.
pub(super) fn service(ready: watch::Receiver<bool>) -> HealthServer<impl Health> {
    HealthServer::new(Readiness { ready })
}

fn is_known(service: &str) -> bool {
    service.is_empty() || service == SERVICE_NAME
}

fn answer(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}

fn serving(ready: bool) -> ServingStatus {
    if ready { ServingStatus::Serving } else { ServingStatus::NotServing }
}

#[tonic::async_trait]
impl Health for Readiness {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        if !is_known(&request.get_ref().service) {
            return Err(Status::not_found(
                "no such service; try the empty name or promptguard.v1.Guard",
            ));
        }
        Ok(Response::new(answer(serving(*self.ready.borrow()))))
    }

    type WatchStream = BoxStream<'static, Result<HealthCheckResponse, Status>>;

    /// Sends the state now and at each change. The state of an unknown service stays unknown, as the protocol says.
    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let changes = WatchStream::new(self.ready.clone());
        let known = is_known(&request.get_ref().service);
        let states = changes
            .map(move |ready| if known { serving(ready) } else { ServingStatus::ServiceUnknown });
        let mut last = None;
        let fresh =
            states.filter(move |state| std::future::ready(last.replace(*state) != Some(*state)));
        Ok(Response::new(fresh.map(|state| Ok(answer(state))).boxed()))
    }
}
