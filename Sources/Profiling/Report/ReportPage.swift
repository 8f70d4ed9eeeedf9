import Assets
import Crypto
import Foundation
import Web

/// A report as one file: style and pictures inside, no script, nothing that is fetched from anywhere, and a policy that keeps it
/// so.
struct ReportPage {
    let title: String
    let body: HTML

    var bytes: [UInt8] {
        let style = Self.style
        let digest = Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString()
        let policy = "default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; form-action 'none'"
        let head: HTML = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="\(policy)">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <title>\(title)</title>
            """
        let page: HTML = """
            </head>
            <body>
            <main>
            \(body)
            </main>
            <footer>Made by Martlet. This file is complete in itself: it fetches nothing and runs no script.</footer>
            </body>
            </html>

            """
        return Array("\(head.text)\n<style>\(style)</style>\n\(page.text)".utf8)
    }

    /// The stylesheet of the pages, and what reports have beside.
    private static let style: String = {
        let shared = Asset.all.first { $0.name == "martlet.css" }.map { String(decoding: $0.bytes, as: UTF8.self) }
        return (shared ?? "") + own
    }()

    private static let own = """

        .report .histogram { width: 11rem; height: 3rem; }
        .report .table { max-height: none; overflow-x: auto; }
        .report tbody tr > * { vertical-align: middle; }
        .report tbody th { max-width: 16rem; font-weight: 500; }
        .report tbody th small { display: block; color: var(--ink-2); font-weight: 400; }
        .report .notes { min-width: 14rem; max-width: 24rem; font-size: var(--small); color: var(--ink-2); }
        .report .notes p { margin: 0; }
        """
}
