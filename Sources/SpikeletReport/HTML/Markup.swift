import Foundation
import SpikeletSupport

/// The pieces of a page, as text that is well-formed XML too: whoever reads a report with a program
/// needs no reader of HTML.
enum Markup {
  /// Text between tags or in an attribute; what a file says cannot become markup.
  static func escaped(_ text: String) -> String {
    text.printableLines.escapedForXML.replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
  }

  /// A number that a program may look for: `name` is its key in the JSON of `inspect` and `eval`.
  static func figure(_ name: String, _ value: Int, _ text: String? = nil) -> String {
    "<data data-figure=\"\(escaped(name))\" value=\"\(value)\">"
      + "\(escaped(text ?? value.grouped))</data>"
  }

  /// The same of a number that is not whole.
  static func figure(_ name: String, _ value: Double, _ text: String) -> String {
    "<data data-figure=\"\(escaped(name))\" value=\"\(value)\">\(escaped(text))</data>"
  }

  /// A picture that is part of the page.
  static func image(png: [UInt8], alt: String, width: Int, height: Int) -> String {
    "<img src=\"data:image/png;base64,\(Data(png).base64EncodedString())\" "
      + "alt=\"\(escaped(alt))\" width=\"\(width)\" height=\"\(height)\" />"
  }

  static func paragraph(_ html: String) -> String { "<p>\(html)</p>" }

  /// A drawing with what it shows below it.
  static func drawing(_ svg: String, caption: String) -> String {
    "<figure>\(svg)<figcaption>\(escaped(caption))</figcaption></figure>"
  }

  /// Figures side by side where there is room.
  static func grid(_ parts: [String]) -> String {
    "<div class=\"grid\">\n\(parts.joined(separator: "\n"))\n</div>"
  }

  /// What only some readers want.
  static func details(_ summary: String, _ html: String) -> String {
    "<details><summary>\(escaped(summary))</summary>\n\(html)\n</details>"
  }
}

/// A table of a page. It scrolls inside a box of its own, which the keyboard reaches.
struct MarkupTable {
  /// A cell, escaped already.
  struct Cell: ExpressibleByStringLiteral {
    var html: String
    var isNumber = false

    init(html: String, isNumber: Bool = false) {
      self.html = html
      self.isNumber = isNumber
    }

    init(stringLiteral text: String) { self.init(text) }
    init(_ text: String) { html = Markup.escaped(text) }

    static func number(_ value: Int) -> Cell { Cell(html: value.grouped, isNumber: true) }
    static func number(_ text: String) -> Cell {
      Cell(html: Markup.escaped(text), isNumber: true)
    }
    static func figure(_ name: String, _ value: Int) -> Cell {
      Cell(html: Markup.figure(name, value), isNumber: true)
    }
  }

  let caption: String
  let header: [String]
  private var rows: [[Cell]] = []

  init(_ caption: String, _ header: [String]) {
    self.caption = caption
    self.header = header
  }

  /// Adds a row; its first cell names it.
  mutating func add(_ cells: [Cell]) { rows.append(cells) }

  var html: String {
    let name = Markup.escaped(caption)
    // A title stands where its column's cells stand.
    let head = header.enumerated().map { column, title in
      let isNumber = rows.first.map { $0[column].isNumber } ?? false
      return "<th scope=\"col\"\(isNumber ? " class=\"number\"" : "")>\(Markup.escaped(title))</th>"
    }.joined()
    let body = rows.map { row in
      "<tr>"
        + row.enumerated().map { column, cell in
          let style = cell.isNumber ? " class=\"number\"" : ""
          return column == 0
            ? "<th scope=\"row\"\(style)>\(cell.html)</th>" : "<td\(style)>\(cell.html)</td>"
        }.joined() + "</tr>"
    }
    return """
      <div class="scroll" role="region" tabindex="0" aria-label="\(name)">
      <table>
      <caption>\(name)</caption>
      <thead><tr>\(head)</tr></thead>
      <tbody>
      \(body.joined(separator: "\n"))
      </tbody>
      </table>
      </div>
      """
  }
}
