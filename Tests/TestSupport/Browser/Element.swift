import Foundation
package import Wire

/// Something on the page that is shown.
package struct Element: Sendable {
    let driver: WebDriver
    /// How the browser refers to it.
    let reference: JSON

    /// The member of a reference that holds its id, as the protocol has it.
    private static let key = "element-6066-11e4-a52e-4f735466cecf"

    init(_ reference: JSON, in session: WebDriver) throws {
        guard let id = reference[Self.key]?.stringValue else {
            throw WebDriverError(error: "no such element", message: reference.text)
        }
        self.reference = reference
        driver = session.at("/element/\(id)")
    }

    /// What is to be read in it.
    package var text: String {
        get async throws { try await driver.get("/text").stringValue ?? "" }
    }

    /// What it is to assistive technology, such as `link`.
    package var role: String {
        get async throws { try await driver.get("/computedrole").stringValue ?? "" }
    }

    /// What assistive technology calls it.
    package var name: String {
        get async throws { try await driver.get("/computedlabel").stringValue ?? "" }
    }

    package func attribute(_ name: String) async throws -> String? {
        try await driver.get("/attribute/\(name)").stringValue
    }

    package func property(_ name: String) async throws -> JSON {
        try await driver.get("/property/\(name)")
    }

    package func click() async throws {
        try await driver.post("/click")
    }

    /// Types a text into it, behind what is there.
    package func type(_ text: String) async throws {
        try await driver.post("/value", ["text": .string(text)])
    }

    /// Takes away what has been typed.
    package func clear() async throws {
        try await driver.post("/clear")
    }
}

/// What an element is to assistive technology, and where to look for it.
package enum Role: String, Sendable {
    case button, checkbox, combobox, heading, img, link, navigation, region, searchbox, slider, spinbutton, tab, table,
        textbox

    /// The elements that may have the role.
    fileprivate var selector: String {
        let native =
            switch self {
            case .button: "button, input[type=button], input[type=submit], summary"
            case .checkbox: "input[type=checkbox]"
            case .combobox: "select, input[list]"
            case .heading: "h1, h2, h3, h4, h5, h6"
            case .img: "img, svg"
            case .link: "a[href]"
            case .navigation: "nav"
            case .region: "section, div[aria-label]"
            case .searchbox: "input[type=search]"
            case .slider: "input[type=range]"
            case .spinbutton: "input[type=number]"
            case .tab: "[role=tab]"
            case .table: "table"
            case .textbox: "input, textarea"
            }
        return "\(native), [role=\(rawValue)]"
    }
}

extension Browser {
    /// The first element that a CSS selector fits.
    package func find(_ selector: String) async throws -> Element {
        let found = try await driver.post("/element", ["using": "css selector", "value": .string(selector)])
        return try Element(found, in: driver)
    }

    /// All elements that a CSS selector fits, in the order of the document.
    package func all(_ selector: String) async throws -> [Element] {
        let found = try await driver.post("/elements", ["using": "css selector", "value": .string(selector)])
        return try (found.arrayValue ?? []).map { try Element($0, in: driver) }
    }

    /// The first element of a role and a name as assistive technology is told of them.
    package func find(_ role: Role, named name: String) async throws -> Element {
        // Most have their name in their text: those are asked first.
        let candidates = try await run(
            """
            const [selector, name] = arguments;
            const says = (element) => (element.textContent + (element.ariaLabel ?? "")).includes(name) ? 0 : 1;
            return [...document.querySelectorAll(selector)].sort((a, b) => says(a) - says(b));
            """, [.string(role.selector), .string(name)])
        for reference in candidates.arrayValue ?? [] {
            let element = try Element(reference, in: driver)
            do {
                if try await element.name == name, try await element.role == role.rawValue { return element }
            } catch let error as WebDriverError where error.isStale {
                // A page that lives has drawn something else in its place.
                continue
            }
        }
        throw WebDriverError(error: "no such element", message: "There is no \(role) named '\(name)'.")
    }

    /// Clicks the first element of a role and a name, also on a page that is being drawn anew meanwhile.
    package func click(_ role: Role, named name: String) async throws {
        for _ in 0..<10 {
            do {
                return try await find(role, named: name).click()
            } catch let error as WebDriverError where error.isStale {
                continue
            }
        }
        try await find(role, named: name).click()
    }
}
