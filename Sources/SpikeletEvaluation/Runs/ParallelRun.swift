import Foundation
import SpikeletDatasets
import SpikeletRuntime
import Synchronization

/// Runs a model over a data set with several threads, each with an engine and an arena of its own.
struct ParallelRun: Sendable {
  var model: ModelFile
  var dataset: Dataset
  var jobs: Int
  /// What the arenas hold at first; no result depends on it.
  var arenaFill: UInt8 = 0

  /// What `body` makes of every picture, in the order of the pictures: the threads make no difference.
  ///
  /// - Parameters:
  ///   - progress: called now and then with the number of pictures done, from any thread.
  ///   - body: gets the engine and the picture's number.
  func map<Element: Sendable>(
    progress: (@Sendable (Int) -> Void)?,
    _ body: @Sendable (inout Engine, Int) throws(SpikeletError) -> Element
  ) throws(ModelFileError) -> [Element] {
    let count = dataset.count
    let jobs = max(1, min(jobs, count))
    let done = Atomic<Int>(0)
    let parts = Mutex<[Int: Result<[Element], SpikeletError>]>([:])
    DispatchQueue.concurrentPerform(iterations: jobs) { job in
      let range = count * job / jobs..<count * (job + 1) / jobs
      let part = Result { () throws(SpikeletError) in
        try map(range, body) {
          let total = done.add(1, ordering: .relaxed).newValue
          if total % 64 == 0 || total == count { progress?(total) }
        }
      }
      parts.withLock { $0[job] = part }
    }
    var elements: [Element] = []
    elements.reserveCapacity(count)
    for job in 0..<jobs {
      guard let part = parts.withLock({ $0[job] }) else { continue }
      do {
        elements += try part.get()
      } catch {
        throw ModelFileError(file: model.name, error: error, layerName: nil)
      }
    }
    return elements
  }

  private func map<Element>(
    _ range: Range<Int>, _ body: (inout Engine, Int) throws(SpikeletError) -> Element,
    tick: () -> Void
  ) throws(SpikeletError) -> [Element] {
    let arena = Arena(byteCount: Int(model.header.arenaBytes), fill: arenaFill)
    return try arena.withBytes { (bytes) throws(SpikeletError) -> [Element] in
      let opened = try Model(model.bytes.span.bytes)
      var engine = try Engine(model: opened, arena: bytes)
      var elements: [Element] = []
      elements.reserveCapacity(range.count)
      for index in range {
        elements.append(try body(&engine, index))
        tick()
      }
      return elements
    }
  }
}
