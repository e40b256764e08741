import Foundation
import Testing

/// The modules depend on each other as docs/architecture.md says and on nothing else.
@Suite struct ArchitectureTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// What belongs to the toolchain or the system. The runtime and the judge use nothing of it.
  private static let system: Set = [
    "Foundation", "Dispatch", "Synchronization", "ArgumentParser", "Testing",
  ]
  private static let alone: Set = ["SpikeletRuntime", "SpikeletReference"]

  /// The table of docs/architecture.md: each module and what it may depend on.
  private static func table() throws -> [String: Set<String>] {
    let text = try String(
      contentsOf: root.appending(path: "docs/architecture.md"), encoding: .utf8)
    var result: [String: Set<String>] = [:]
    var isInside = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("| module |") { isInside = true }
      guard isInside else { continue }
      guard line.hasPrefix("|") else { break }
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 3, !["module", "---"].contains(cells[0]) else { continue }
      let names = cells[2].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      result[cells[0]] = Set(names).subtracting(["nothing"])
    }
    return result
  }

  /// The modules that each file of a module imports.
  private static func imports(of module: String) throws -> [(file: String, imported: String)] {
    let folder = root.appending(path: "Sources").appending(path: module)
    let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }
    var result: [(String, String)] = []
    for file in (files ?? []).sorted() where file.hasSuffix(".swift") {
      let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      for line in text.split(separator: "\n") {
        var words = line.split(separator: " ")
        words.removeAll { $0.hasPrefix("@") || ["public", "package", "internal"].contains($0) }
        guard words.first == "import", words.count >= 2 else { continue }
        // `import struct Module.Type` names the module behind the kind.
        let name = words.count == 2 ? words[1] : words[2]
        result.append((file, String(name.split(separator: ".")[0])))
      }
    }
    return result
  }

  /// The modules under Sources that are written in Swift.
  private static func modules() throws -> [String] {
    let folder = root.appending(path: "Sources")
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      try !imports(of: $0).isEmpty || alone.contains($0)
    }.sorted()
  }

  @Test func everyImportFollowsTheTable() throws {
    let table = try Self.table()
    var count = 0
    for module in try Self.modules() {
      let allowed = try #require(table[module], "\(module) is not in docs/architecture.md")
      for (file, imported) in try Self.imports(of: module) {
        count += 1
        if Self.system.contains(imported), !Self.alone.contains(module) { continue }
        #expect(
          allowed.contains(imported),
          "Sources/\(module)/\(file) imports \(imported), which docs/architecture.md does not allow"
        )
      }
    }
    #expect(count > 200)
  }

  @Test func theRuntimeAndTheJudgeImportNothing() throws {
    for module in Self.alone {
      let imports = try Self.imports(of: module).filter { $0.imported != "CVectorPairs" }
      #expect(imports.isEmpty, "\(imports)")
    }
  }

  /// The one module that the runtime imports is a header, and only where the compiler knows of it and
  /// may use AVX2: other targets get the same code as if it were not there.
  @Test func theRuntimeImportsVectorPairsOnlyForAVX2() throws {
    let sources = Self.root.appending(path: "Sources")
    let imports = try Self.imports(of: "SpikeletRuntime")
    #expect(!imports.isEmpty)
    for (file, _) in imports {
      let place = sources.appending(path: "SpikeletRuntime").appending(path: file)
      let lines = try String(contentsOf: place, encoding: .utf8).split(separator: "\n")
      for index in lines.indices where lines[index].contains("import CVectorPairs") {
        let before = try #require(index > 0 ? lines[index - 1] : nil)
        #expect(before.hasPrefix("#if "), "\(file)")
        #expect(before.hasSuffix("arch(x86_64) && canImport(CVectorPairs)"), "\(file)")
      }
    }
    let map = try String(
      contentsOf: sources.appending(path: "CVectorPairs/module.modulemap"), encoding: .utf8)
    #expect(map.contains("requires avx2"))
  }

  @Test func nothingFlowsBackwards() throws {
    let table = try Self.table()
    // A module can be built once everything that it depends on has been.
    var built: Set<String> = []
    var waiting = table
    while !waiting.isEmpty {
      let ready = waiting.filter { $0.value.intersection(table.keys).isSubset(of: built) }
      try #require(!ready.isEmpty, "a cycle among \(waiting.keys.sorted())")
      for name in ready.keys {
        built.insert(name)
        waiting[name] = nil
      }
    }
  }

  @Test func theManifestDeclaresWhatTheTableSays() throws {
    let manifest = try String(
      contentsOf: Self.root.appending(path: "Package.swift"), encoding: .utf8)
    let lines = manifest.split(separator: "\n").filter {
      !$0.trimmingCharacters(in: .whitespaces).hasPrefix("//")
    }
    let all = lines.joined(separator: " ").replacing(/\s+/, with: " ")
    // Products have names, too.
    let text = try #require(all.split(separator: " targets: [ .target(", maxSplits: 1).last)
    for (module, allowed) in try Self.table() {
      let name = "\"\(module)\""
      // host("Name", ["A", "B"]) or .target(name: "Name", dependencies: ["A", "B"], …)
      let start = try #require(
        ["host( \(name),", "host(\(name),", "name: \(name)"].lazy.compactMap { text.range(of: $0) }
          .last, "\(module) is not in Package.swift")
      let rest = text[start.upperBound...].prefix { $0 != "]" }
      let isTarget = text[start].hasPrefix("name:")
      var declared: Set<String> = []
      if !isTarget || rest.prefix(16).contains("dependencies:") {
        declared = Set(rest.matches(of: /"(\w+)"/).map { String($0.1) })
      }
      declared.subtract(["ArgumentParser", "swift-argument-parser"])
      #expect(declared == allowed, "\(module): Package.swift and docs/architecture.md")
    }
  }
}
