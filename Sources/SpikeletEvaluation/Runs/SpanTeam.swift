import Foundation
import SpikeletRuntime

/// A team of one thread that takes the time of each part and finds out how soon more threads would be
/// done.
///
/// Whoever is free takes the next part, as threads do; how soon all are done then follows from the times
/// of the parts. What it leaves out are the hand-over of parts and what threads take from each other
/// of caches and memory. It needs no idle cores: it counts the time of this thread alone, less what its
/// own clocks take.
final class SpanTeam {
  /// The threads that parts are cut for.
  let threads: Int
  /// Nanoseconds of all parts, and of as many threads until the last part of each work is done.
  private(set) var work: UInt64 = 0
  private(set) var span: UInt64 = 0
  private(set) var parts = 0

  init(threads: Int) { self.threads = threads }

  /// The team as engines take it. This object has to live longer.
  var team: Team {
    Team(threads: threads, context: Unmanaged.passUnretained(self).toOpaque()) {
      context, parts, body, work in
      guard let context else { return }
      Unmanaged<SpanTeam>.fromOpaque(context).takeUnretainedValue().run(parts) { body(work, $0) }
    }
  }

  func reset() { (work, span, parts) = (0, 0, 0) }

  /// What the clocks around a part take beside the part, in nanoseconds: the best of some rounds.
  func costOfClocks() -> Double {
    var best = Double.infinity
    for _ in 0..<20 {
      reset()
      let start = Self.now
      for _ in 0..<20 { run(10) { _ in } }
      best = min(best, Double(Self.now - start - work) / Double(parts))
    }
    return best
  }

  private func run(_ parts: Int, _ body: (Int) -> Void) {
    var busyUntil = [UInt64](repeating: 0, count: threads)
    for part in 0..<parts {
      let start = Self.now
      body(part)
      let time = Self.now - start
      work += time
      let next = busyUntil.indices.min { busyUntil[$0] < busyUntil[$1] } ?? 0
      busyUntil[next] += time
    }
    self.parts += parts
    span += busyUntil.max() ?? 0
  }

  /// The time that the processor has given to this thread, in nanoseconds.
  static var now: UInt64 {
    var time = timespec()
    return clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0
      ? UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec) : 0
  }
}

extension Profile {
  /// What several threads could gain.
  package struct Cut: Sendable, Equatable {
    /// The share of an inference's time that is cut into parts.
    package var share: Double
    /// How many times as fast as one thread so many idle cores would be at best.
    package var speedup: Double
  }

  /// Runs every picture some times and finds out, by the best run of each, what threads could gain.
  static func cut(
    _ model: Model, _ arena: consuming MutableRawSpan, pictures: [ArraySlice<UInt8>], threads: Int,
    timesteps: Int?, repetitions: Int
  ) throws(SpikeletError) -> Cut {
    let team = SpanTeam(threads: threads)
    defer { withExtendedLifetime(team) {} }
    var engine = try Engine(model: model, arena: arena, team: team.team)
    let cost = team.costOfClocks()
    var (total, work, span) = (0.0, 0.0, 0.0)
    for (index, picture) in pictures.enumerated() {
      var best: (total: Double, work: UInt64, span: UInt64)?
      for _ in 0..<repetitions {
        team.reset()
        let start = SpanTeam.now
        // Without an early exit, as the layers are measured.
        _ = try engine.run(
          input: picture.span, stream: index, timesteps: timesteps, exit: ExitPolicy.none)
        let time = Double(SpanTeam.now - start) - cost * Double(team.parts)
        if time < best?.total ?? .infinity { best = (time, team.work, team.span) }
      }
      guard let best else { continue }
      total += best.total
      work += Double(best.work)
      span += Double(best.span)
    }
    guard total > 0 else { return Cut(share: 0, speedup: 1) }
    return Cut(share: min(1, work / total), speedup: total / max(1, total - work + span))
  }
}
