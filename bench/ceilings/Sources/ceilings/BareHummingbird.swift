import Hummingbird

/// A route of Hummingbird.
enum BareHummingbird {
    static func serve(port: Int, booster: Booster) async throws {
        let router = Router()
        router.get("/health") { _, _ in "OK" }
        router.post("/invocations") { request, _ in
            let body = try await request.body.collect(upTo: 1 << 20)
            let answer = Invocation.answer(body, booster)
            return Response(
                status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: answer))
        }
        let application = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)))
        try await application.run()
    }
}
