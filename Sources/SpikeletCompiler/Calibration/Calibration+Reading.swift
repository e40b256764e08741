import SpikeletSupport

extension Calibration {
  /// The calibration in a file's contents.
  ///
  /// Refused: what could not have been measured, since no network converted with it would be right.
  /// - Throws: the first thing that is wrong, by its place in the document.
  public init(json: JSONValue) throws(Problem) {
    guard json["format"] == .integer(1) else { throw Problem("format", "is not 1") }
    guard json["percentiles"] == .array(Self.percentiles.map { .number($0) }) else {
      throw Problem("percentiles", "are not those that this version reads")
    }
    guard case .number(let number)? = json["images"], let images = Int(exactly: number),
      (1...1_000_000_000).contains(images)
    else { throw Problem("images", "is not a whole number of 1 or more") }
    guard case .object(let members)? = json["nodes"] else {
      throw Problem("nodes", "are missing, needed an object")
    }
    var nodes: [String: Node] = [:]
    for name in members.keys.sorted() {
      nodes[name] = try Node(members[name] ?? .null, place: "nodes.\(name)")
    }
    self.init(
      networkDigest: try text(json, "networkSHA256"), dataset: try text(json, "dataset"),
      split: try text(json, "split"), images: images, nodes: nodes,
      data: try json["data"].map { (json) throws(Problem) in try Data(json) })
    let known: Set = [
      "format", "percentiles", "images", "nodes", "networkSHA256", "dataset", "split", "data",
    ]
    if case .object(let all) = json,
      let key = all.keys.sorted().first(where: { !known.contains($0) })
    {
      throw Problem(key, "is an unknown key")
    }
  }
}

private func text(_ json: JSONValue, _ key: String) throws(Problem) -> String {
  guard case .string(let text)? = json[key] else {
    throw Problem(key, "is missing, needed a string")
  }
  return text
}

extension Calibration.Data {
  fileprivate init(_ json: JSONValue) throws(Problem) {
    guard case .string(let kind)? = json["kind"], case .string(let digest)? = json["sha256"],
      case .array(let items)? = json["classNames"]
    else { throw Problem("data", "needed kind, sha256 and classNames") }
    let names = items.compactMap { item in
      if case .string(let name) = item { return name }
      return nil
    }
    guard names.count == items.count, names.allSatisfy(Self.isName) else {
      throw Problem("data.classNames", "needed names of one line each")
    }
    self.init(kind: kind, digest: digest, classNames: names)
  }

  /// Whether a text can be the name of a class: the model has one a line.
  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && !text.utf8.contains(10) && text.utf8.count <= 4096
  }
}

extension Calibration.Node {
  fileprivate init(_ json: JSONValue, place: String) throws(Problem) {
    guard case .array(let items)? = json["channels"], !items.isEmpty else {
      throw Problem("\(place).channels", "are missing, needed one or more")
    }
    var channels: [Calibration.Channel] = []
    for (index, item) in items.enumerated() {
      channels.append(try Calibration.Channel(item, place: "\(place).channels[\(index)]"))
    }
    self.init(
      channels: channels,
      layer: try Calibration.Channel(json["layer"] ?? .null, place: "\(place).layer"))
  }
}

extension Calibration.Channel {
  fileprivate init(_ json: JSONValue, place: String) throws(Problem) {
    func numbers(_ key: String) throws(Problem) -> [Double] {
      let count = Calibration.percentiles.count
      guard case .array(let items)? = json[key], items.count == count else {
        throw Problem("\(place).\(key)", "needed \(count) numbers")
      }
      var result: [Double] = []
      for item in items {
        guard case .number(let number) = item, number >= 0,
          number <= Double(Float.greatestFiniteMagnitude)
        else { throw Problem("\(place).\(key)", "needed numbers that an activation can have") }
        guard number >= result.last ?? 0 else {
          throw Problem(
            "\(place).\(key)",
            "decreases from \(result.last ?? 0) to \(number), where percentiles only grow")
        }
        result.append(number)
      }
      return result
    }
    self.init(values: try numbers("values"), clippedMeans: try numbers("clippedMeans"))
    for (value, mean) in zip(values, clippedMeans) where mean > value * (1 + 1e-9) {
      throw Problem(
        "\(place).clippedMeans", "has the mean \(mean) of values that are clipped at \(value)")
    }
  }
}
