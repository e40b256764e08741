import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Reads a page as XML, and keeps what tests ask for.
final class PageReader: NSObject, XMLParserDelegate {
  struct Element {
    var name: String
    var attributes: [String: String]
    /// The elements around it, the outermost first.
    var path: [String]
    var text = ""
  }

  private(set) var elements: [Element] = []
  private var open: [Int] = []
  /// What is wrong with the page; nil where it is well-formed.
  private(set) var problem: String?

  init(_ page: String) {
    super.init()
    let parser = XMLParser(data: Data(page.utf8))
    parser.delegate = self
    if !parser.parse() {
      problem = "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "?")"
    }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    elements.append(
      Element(name: name, attributes: attributes, path: open.map { elements[$0].name }))
    open.append(elements.count - 1)
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    for index in open { elements[index].text += text }
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    open.removeLast()
  }

  func all(_ name: String) -> [Element] { elements.filter { $0.name == name } }

  /// The numbers of the page by their keys, as they are shown and as they are.
  var figures: [String: (text: String, value: Double)] {
    var figures: [String: (text: String, value: Double)] = [:]
    for element in all("data") {
      guard let name = element.attributes["data-figure"],
        let value = element.attributes["value"].flatMap(Double.init)
      else { continue }
      figures[name] = (element.text, value)
    }
    return figures
  }
}
