/// What an import may cost. Larger files are refused, by the name of the node that asks for more.
///
/// A small file can ask for much: a shape of a few bytes for a tensor of gigabytes, forty additions
/// for 2⁴⁰ terms. So what a graph computes is counted, and not just what its file holds. No network
/// for a board comes near any of these numbers; `docs/import.md` lists them.
enum Limits {
  /// The values of one tensor, or of one map.
  static let elements = 1 << 24
  /// The constant values that are held at a time.
  static let held = 1 << 25
  /// The values that computations on constants write in all, besides twice what the file stores.
  static let computed = 1 << 24
  /// The values that nodes read in all.
  static let work = 1 << 27
  /// The weights and other parameters of all layers.
  static let parameters = 1 << 25
  /// The values of the maps between all layers.
  static let maps = 1 << 26
  /// The nodes of the network that a graph becomes.
  static let layers = 4096
  /// The dimensions of a tensor.
  static let rank = 16
  /// A map's channels, rows or columns.
  static let extent = 65_535
  /// A kernel's extent, a stride, a padding.
  static let window = 1 << 16

  /// The nodes of a file's graph.
  static let nodes = 1 << 16
  /// The messages of a file: nodes, tensors, attributes, dimensions and so on.
  static let messages = 1 << 18
  /// The names in a file, most of which say what nodes read and write.
  static let names = 1 << 19
  /// The bytes of a name.
  static let nameBytes = 1 << 16

  /// The number of values in a tensor, or nil when there are too many, an extent is negative, or
  /// there are too many dimensions.
  ///
  /// An extent of 0 makes a tensor of no values, but not one that is free: whoever goes along the
  /// other extents still would. So they are limited as if it were 1.
  static func count(_ extents: [Int]) -> Int? {
    guard extents.count <= rank else { return nil }
    var count = 1
    for extent in extents where extent != 0 {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent > 0, !overflow, product <= elements else { return nil }
      count = product
    }
    return extents.contains(0) ? 0 : count
  }

  /// The same, with the reason why a number is not usable.
  static func checked(_ extents: [Int]) throws(Rejection) -> Int {
    if let count = count(extents) { return count }
    throw .because(reason(extents))
  }

  private static func reason(_ extents: [Int]) -> String {
    if extents.count > rank { return "has \(extents.count) dimensions, at most \(rank) are read" }
    if let extent = extents.first(where: { $0 < 0 }) {
      return "has the extents \(extents): \(extent) is negative"
    }
    var count = 1
    for extent in extents where extent != 0 {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow else {
        return "has the extents \(extents), which are more than \(Int.max) values; "
          + "at most \(elements) are read"
      }
      count = product
    }
    return "has the extents \(extents), which are \(count) values; at most \(elements) are read"
  }
}

/// A list of numbers for messages: files may hold millions.
func brief(_ list: [Int]) -> String {
  guard list.count > 12 else { return "\(list)" }
  return "[" + list.prefix(12).map(String.init).joined(separator: ", ")
    + ", … \(list.count) numbers]"
}

/// What the nodes of a graph have used up so far.
struct Usage {
  private var stored = 0
  private var held = 0
  private var computed = 0
  private var work = 0
  private var parameters = 0
  private var maps = 0

  /// Values that the file holds.
  mutating func store(_ count: Int) throws(Rejection) {
    stored = stored.addingSaturated(count)
    try read(count)
  }

  /// Values that a node is about to compute from constants.
  mutating func compute(_ count: Int) throws(Rejection) {
    computed = computed.addingSaturated(count)
    let limit = Limits.computed + 2 * stored
    try require(computed, limit, "brings the values computed from constants to")
  }

  /// Values that are kept until nothing reads them any more.
  mutating func hold(_ count: Int) throws(Rejection) {
    held = held.addingSaturated(count)
    try require(held, Limits.held, "brings the constants held at a time to")
  }

  /// Values that nothing reads any more.
  mutating func release(_ count: Int) { held = max(0, held - count) }

  /// Values that a node is about to read.
  mutating func read(_ count: Int) throws(Rejection) {
    work = work.addingSaturated(count)
    try require(work, Limits.work, "brings the values that nodes read to")
  }

  /// Weights, biases and thresholds of a layer.
  mutating func parameters(_ count: Int) throws(Rejection) {
    parameters = parameters.addingSaturated(count)
    try require(parameters, Limits.parameters, "brings the weights of all layers to")
  }

  /// A map between layers.
  mutating func map(_ count: Int) throws(Rejection) {
    maps = maps.addingSaturated(count)
    try require(maps, Limits.maps, "brings the values between all layers to")
  }

  private func require(_ count: Int, _ limit: Int, _ what: String) throws(Rejection) {
    guard count <= limit else { throw .because("\(what) \(count); the limit is \(limit)") }
  }
}

extension Int {
  fileprivate func addingSaturated(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
