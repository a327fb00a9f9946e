//! Operations, and a stand-in for a generated core.

use iam_client::runtime::{Client, Error, Operation, RawResponse, Response as Typed};

pub(crate) use crate::server::*;

const BASE: Operation = Operation {
    id: "get_thing",
    method: "GET",
    path: "/v1/things/{id}",
    tag: "Things",
    content_type: None,
    accept: Some("application/json"),
    success: &[200],
    idempotent: true,
    anonymous: false,
    security: &[],
    deprecated: false,
    actions: &[],
    events: &[],
};
pub(crate) static GET_THING: Operation = BASE;
pub(crate) static LIST_THINGS: Operation =
    Operation { id: "list_things", path: "/v1/things", ..BASE };
pub(crate) static UNLOCK_THING: Operation = Operation {
    id: "unlock_thing",
    method: "DELETE",
    path: "/v1/things/{id}/lock",
    accept: None,
    success: &[204],
    ..BASE
};
pub(crate) static CREATE_THING: Operation = Operation {
    id: "create_thing",
    method: "POST",
    path: "/v1/things",
    content_type: Some("application/vnd.thing+json"),
    success: &[201],
    idempotent: false,
    ..BASE
};
pub(crate) static GET_TOKEN: Operation = Operation {
    id: "get_token",
    method: "POST",
    path: "/identity/token",
    idempotent: false,
    anonymous: true,
    ..BASE
};
pub(crate) static GET_REPORT: Operation =
    Operation { id: "get_report", path: "/v1/report", accept: Some("text/csv"), ..BASE };

/// Carries out `GET /v1/things/1`.
pub(crate) async fn get(client: &Client) -> Result<RawResponse, Error> {
    let url = format!("{}/v1/things/1", client.endpoint());
    let request = client.http().get(url).build().unwrap();
    client.execute(&GET_THING, request).await
}

/// Carries out `POST /v1/things`, which is not idempotent.
pub(crate) async fn create(client: &Client) -> Result<RawResponse, Error> {
    let core = core::Client::of(client);
    let built = core.create_thing(&serde_json::json!({"name": "x"})).await;
    client.execute(&CREATE_THING, core.inner.finish(&CREATE_THING, built)?).await
}

/// Carries out `GET /v1/things/1` against a server that answers so.
pub(crate) async fn get_answered(status: u16, body: &'static str) -> Result<RawResponse, Error> {
    let server = Server::answering(status, body).await;
    get(&server.client()).await
}

/// The error of a call that was expected to fail.
pub(crate) fn failed<T>(result: Result<T, Error>) -> Error {
    match result {
        Ok(_) => panic!("the call succeeded"),
        Err(error) => error,
    }
}

/// What generated request builders do, for `get_thing`.
pub(crate) async fn get_thing(
    client: &Client,
    id: &str,
    if_match: Option<&str>,
    query: Option<&str>,
) -> Result<Typed<serde_json::Value>, Error> {
    iam_client::runtime::path_segment(&GET_THING, "id", id)?;
    let core = core::Client::of(client);
    let built = core.get_thing(id, if_match, query).await.map(drop);
    let request = core.inner.finish(&GET_THING, built)?;
    client.execute(&GET_THING, request).await?.json()
}

/// The shape of what progenitor generates, written by hand.
pub(crate) mod core {
    use iam_client::runtime::{Client as RuntimeClient, Recorder};
    use progenitor_client::{
        ByteStream, ClientHooks, ClientInfo, Error, OperationInfo, QueryParam, RequestBuilderExt,
        ResponseValue, encode_path,
    };
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
    use serde::Serialize;

    #[derive(Clone, Debug)]
    pub(crate) struct Client {
        baseurl: String,
        client: reqwest::Client,
        pub(crate) inner: Recorder,
    }

    impl ClientInfo<Recorder> for Client {
        fn api_version() -> &'static str {
            "1.0.0"
        }

        fn baseurl(&self) -> &str {
            &self.baseurl
        }

        fn client(&self) -> &reqwest::Client {
            &self.client
        }

        fn inner(&self) -> &Recorder {
            &self.inner
        }
    }

    impl ClientHooks<Recorder> for Client {
        async fn exec(
            &self,
            request: reqwest::Request,
            _: &OperationInfo,
        ) -> reqwest::Result<reqwest::Response> {
            Ok(self.inner.record(request))
        }
    }

    impl Client {
        pub(crate) fn of(client: &RuntimeClient) -> Self {
            Self {
                baseurl: client.endpoint().to_owned(),
                client: client.http().clone(),
                inner: Recorder::default(),
            }
        }

        fn headers() -> HeaderMap {
            let mut headers = HeaderMap::with_capacity(1);
            headers.append(
                HeaderName::from_static("api-version"),
                HeaderValue::from_static(Self::api_version()),
            );
            headers
        }

        async fn send<T>(
            &self,
            mut request: reqwest::Request,
            operation_id: &'static str,
            decode: impl AsyncFnOnce(reqwest::Response) -> Result<T, Error<ByteStream>>,
        ) -> Result<T, Error<ByteStream>> {
            let info = OperationInfo { operation_id };
            self.pre(&mut request, &info).await?;
            let result = self.exec(request, &info).await;
            self.post(&result, &info).await?;
            decode(result?).await
        }

        pub(crate) async fn get_thing(
            &self,
            id: &str,
            if_match: Option<&str>,
            query: Option<&str>,
        ) -> Result<ResponseValue<serde_json::Value>, Error<ByteStream>> {
            let url = format!("{}/v1/things/{}", self.baseurl, encode_path(id));
            let mut header_map = Self::headers();
            if let Some(value) = if_match {
                header_map.append("if-match", value.to_string().try_into()?);
            }
            let request = self
                .client
                .get(url)
                .header(reqwest::header::ACCEPT, "application/json")
                .query(&QueryParam::new("query", &query))
                .headers(header_map)
                .build()?;
            self.send(request, "get_thing", ResponseValue::from_response).await
        }

        pub(crate) async fn unlock_thing(
            &self,
            id: &str,
        ) -> Result<ResponseValue<()>, Error<ByteStream>> {
            let url = format!("{}/v1/things/{}/lock", self.baseurl, encode_path(id));
            let headers = Self::headers();
            let request = self.client.delete(url).headers(headers).build()?;
            self.send(request, "unlock_thing", async |response| match response.status().as_u16() {
                204 => Ok(ResponseValue::empty(response)),
                _ => Err(Error::UnexpectedResponse(response)),
            })
            .await
        }

        pub(crate) async fn create_thing<B: Serialize>(
            &self,
            body: &B,
        ) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let url = format!("{}/v1/things", self.baseurl);
            let headers = Self::headers();
            let request = self.client.post(url).json(body).headers(headers).build()?;
            self.send(request, "create_thing", async |response| Ok(ResponseValue::stream(response)))
                .await
        }

        pub(crate) async fn get_token<B: Serialize>(
            &self,
            authorization: Option<&str>,
            body: &B,
        ) -> Result<ResponseValue<ByteStream>, Error<ByteStream>> {
            let url = format!("{}/identity/token", self.baseurl);
            let mut header_map = Self::headers();
            if let Some(value) = authorization {
                header_map.append("authorization", value.to_string().try_into()?);
            }
            let request =
                self.client.post(url).form_urlencoded(body)?.headers(header_map).build()?;
            self.send(request, "get_token", async |response| Ok(ResponseValue::stream(response)))
                .await
        }
    }
}
