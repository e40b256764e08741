import Foundation
import SpikeletHDF5
import SpikeletSupport
import Testing

/// The bytes of a fixture.
func fixture(_ name: String) throws -> [UInt8] {
  let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil))
  return Array(try Data(contentsOf: url))
}

/// Why a file, or the dataset `x` in it, cannot be read.
func refusal(_ bytes: [UInt8]) -> HDF5Error? {
  do throws(HDF5Error) {
    guard case .group(let members) = try HDF5File.read(bytes) else { return nil }
    if case .dataset(.failure(let error))? = members["x"] { return error }
    return nil
  } catch {
    return error
  }
}

/// Files that h5py wrote hold what h5py reads in them.
@Suite struct HDF5Tests {
  static let names = [
    "earliest", "earliest-gzip", "earliest-shuffle", "earliest-chunks", "v110", "latest",
    "latest-gzip", "many", "many-latest", "edges-earliest",
  ]

  @Test(arguments: names)
  func filesHoldWhatTheLibraryReads(_ name: String) throws {
    let file = try HDF5File.read(try fixture("\(name).h5"))
    let expected = try JSONParser.parse(try fixture("\(name).json"))
    try compare(file, expected, "")
  }

  private func compare(_ item: HDF5Item, _ expected: JSONValue, _ path: String) throws {
    guard case .object(let members) = expected else {
      Issue.record("no object at \(path)")
      return
    }
    switch item {
    case .link(let what): Issue.record("\(path) is \(what)")
    case .group(let items):
      #expect(items.keys.sorted() == members.keys.sorted(), "\(path)")
      for (name, child) in items {
        try compare(child, try #require(members[name]), "\(path)/\(name)")
      }
    case .dataset(let result):
      let array = try result.get()
      #expect(.array(array.shape.map { .integer($0) }) == members["shape"], "\(path)")
      switch array.values {
      case .integers(let values):
        #expect(.array(values.map { .integer($0) }) == members["integers"], "\(path)")
      case .reals(let values):
        let listed = values.map { value -> JSONValue in
          value.isInfinite ? .string(value > 0 ? "inf" : "-inf") : .number(value)
        }
        #expect(.array(listed) == members["reals"], "\(path)")
      case .strings(let values):
        #expect(.array(values.map { .string($0) }) == members["strings"], "\(path)")
      }
    }
  }

  @Test func chunksOfNewFilesAreFound() throws {
    guard case .group(let members) = try HDF5File.read(try fixture("edges-latest.h5")) else {
      Issue.record("no group")
      return
    }
    for name in ["plain", "packed", "one"] {
      guard case .dataset(.success(let array))? = members[name] else {
        Issue.record("\(name) cannot be read")
        continue
      }
      guard case .integers(let values) = array.values else {
        Issue.record("\(name) holds other values")
        continue
      }
      #expect(values == Array(0..<210), "\(name)")
    }
    guard case .dataset(.success(let line))? = members["line"] else {
      Issue.record("line cannot be read")
      return
    }
    guard case .integers(let values) = line.values else {
      Issue.record("line holds other values")
      return
    }
    #expect(values == Array(0..<1000))
  }

  @Test(
    arguments: [
      ("lzf", "packed with lzf"), ("fletcher32", "packed with fletcher32"),
      ("compound", "holds compounds"), ("complex", "holds compounds"),
      ("unwritten", "was never written"),
      ("sequence", "sequences of variable length"), ("empty", "is empty"),
      ("cycle", "a group that contains itself"),
    ])
  func whatIsNotReadIsRefusedByName(_ name: String, _ reason: String) throws {
    let error = try #require(refusal(try fixture("refused-\(name).h5")))
    #expect(error.reason.contains(reason), "\(error)")
    #expect(!error.path.isEmpty, "\(error)")
  }

  @Test func softLinksAreNamed() throws {
    guard case .group(let members) = try HDF5File.read(try fixture("refused-soft.h5")) else {
      Issue.record("no group")
      return
    }
    guard case .link(let what)? = members["x"] else {
      Issue.record("no link")
      return
    }
    #expect(what == "a soft link")
  }
}
