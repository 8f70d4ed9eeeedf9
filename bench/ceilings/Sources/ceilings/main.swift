// ceilings nio|hummingbird PORT LIBRARY MODEL COLUMNS

let arguments = CommandLine.arguments
guard arguments.count == 6, let port = Int(arguments[2]), let columns = Int32(arguments[5]) else {
    fail("usage: ceilings nio|hummingbird PORT LIBRARY MODEL COLUMNS")
}
let booster = Booster(library: arguments[3], model: arguments[4], columns: columns, threads: 64)
if arguments[1] == "nio" {
    try BareNIO.serve(port: port, booster: booster)
} else {
    try await BareHummingbird.serve(port: port, booster: booster)
}
