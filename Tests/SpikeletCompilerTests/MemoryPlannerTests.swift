import SpikeletCompiler
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Plans of the arena are valid, stable and, in small cases, as small as possible.
@Suite struct MemoryPlannerTests {
  typealias Request = MemoryPlanner.Request

  private func requests(seed: UInt64) -> [Request] {
    var random = SeededRandom(seed: seed)
    return (0..<random.pick(1...30)).map { _ in
      let first = random.pick(0...12)
      return Request(
        bytes: random.chance(8) ? random.pick(1...15) : random.pick(1...5000), firstUse: first,
        lastUse: min(13, first + random.pick(0...random.pick(0...13))))
    }
  }

  @Test func buffersThatLiveTogetherNeverOverlap() {
    for seed: UInt64 in 0..<500 {
      let requests = requests(seed: seed)
      let plan = MemoryPlanner.plan(requests, slots: 1000, alignment: 16)
      #expect(plan.offsets.count == requests.count)
      var end = 0
      for (i, a) in requests.enumerated() {
        #expect(plan.offsets[i] >= 0 && plan.offsets[i] % 16 == 0)
        end = max(end, plan.offsets[i] + a.bytes)
        for (j, b) in requests[..<i].enumerated()
        where a.firstUse <= b.lastUse && b.firstUse <= a.lastUse {
          let apart =
            plan.offsets[i] + a.bytes <= plan.offsets[j]
            || plan.offsets[j] + b.bytes <= plan.offsets[i]
          #expect(apart, "plan \(seed): buffers \(j) and \(i)")
        }
      }
      #expect(plan.arenaBytes >= end && plan.arenaBytes < end + 16, "plan \(seed)")
    }
  }

  @Test func theLowerBoundIsWhatLivesTogether() {
    var atBound = 0
    for seed: UInt64 in 0..<500 {
      let requests = requests(seed: seed)
      let plan = MemoryPlanner.plan(requests, slots: 1000, alignment: 16)
      let bound = (0...13).map { slot in
        requests.filter { $0.firstUse <= slot && slot <= $0.lastUse }
          .reduce(0) { $0 + ($1.bytes + 15) / 16 * 16 }
      }.max()!
      #expect(plan.lowerBound == bound, "plan \(seed)")
      #expect(plan.arenaBytes >= bound)
      #expect(Double(plan.arenaBytes) <= 1.5 * Double(bound), "plan \(seed)")
      if plan.arenaBytes == bound { atBound += 1 }
    }
    // Greedy plans are good, not perfect: most random cases meet the bound.
    #expect(atBound > 250, "\(atBound) of 500")
  }

  @Test func theOrderOfRequestsDoesNotChangeTheArena() {
    for seed: UInt64 in 0..<200 {
      let requests = requests(seed: seed)
      let plan = MemoryPlanner.plan(requests, slots: 1000, alignment: 16)
      #expect(plan == MemoryPlanner.plan(requests, slots: 1000, alignment: 16))
      var random = SeededRandom(seed: seed ^ 0xABC)
      for _ in 0..<5 {
        let shuffled = requests.shuffled(using: &random)
        let other = MemoryPlanner.plan(shuffled, slots: 1000, alignment: 16)
        #expect(other.arenaBytes == plan.arenaBytes, "plan \(seed)")
        #expect(other.lowerBound == plan.lowerBound)
      }
    }
  }

  @Test func knownCasesAreOptimal() {
    #expect(MemoryPlanner.plan([], slots: 1000, alignment: 16).arenaBytes == 0)
    let single = MemoryPlanner.plan(
      [.init(bytes: 17, firstUse: 0, lastUse: 0)], slots: 1000, alignment: 16)
    #expect(single.offsets == [0])
    #expect((single.arenaBytes, single.lowerBound) == (32, 32))
    // A chain: each map lives while the next is made; two places are enough.
    let chain = (0..<6).map { Request(bytes: 64, firstUse: $0, lastUse: $0 + 1) }
    #expect(MemoryPlanner.plan(chain, slots: 1000, alignment: 16).arenaBytes == 128)
    // A large buffer and two halves in its place.
    let halves = [
      Request(bytes: 128, firstUse: 0, lastUse: 1), Request(bytes: 64, firstUse: 2, lastUse: 3),
      Request(bytes: 64, firstUse: 2, lastUse: 3),
    ]
    #expect(MemoryPlanner.plan(halves, slots: 1000, alignment: 16).arenaBytes == 128)
    // Everything alive at once: the sum of the aligned sizes.
    let all = [1, 16, 17, 40].map { Request(bytes: $0, firstUse: 0, lastUse: 9) }
    #expect(MemoryPlanner.plan(all, slots: 1000, alignment: 16).arenaBytes == 16 + 16 + 32 + 48)
  }

  /// Against a second placement of the same requests, largest first.
  @Test func aSecondOrderHelpsWhereTheLargestFirstFails() {
    var improved = 0
    for seed: UInt64 in 0..<300 {
      let requests = requests(seed: seed)
      let best = MemoryPlanner.plan(requests, slots: 1000, alignment: 16).arenaBytes
      let largestFirst = place(
        requests,
        requests.indices.sorted {
          (-blocks(requests[$0]), requests[$0].firstUse, $0)
            < (-blocks(requests[$1]), requests[$1].firstUse, $1)
        })
      #expect(best <= largestFirst, "plan \(seed)")
      if best < largestFirst { improved += 1 }
    }
    #expect(improved > 20, "\(improved) of 300")
  }

  private func blocks(_ request: Request) -> Int { (request.bytes + 15) / 16 }

  /// The end of a greedy placement in a given order, by trying every block.
  private func place(_ requests: [Request], _ order: [Int]) -> Int {
    var places: [(request: Request, start: Int)] = []
    for index in order {
      let request = requests[index]
      let others = places.filter {
        $0.request.firstUse <= request.lastUse && request.firstUse <= $0.request.lastUse
      }
      let candidates = ([0] + others.map { $0.start + blocks($0.request) }).sorted()
      let start = candidates.first { start in
        others.allSatisfy {
          start + blocks(request) <= $0.start || $0.start + blocks($0.request) <= start
        }
      }!
      places.append((request, start))
    }
    return (places.map { $0.start + blocks($0.request) }.max() ?? 0) * 16
  }
}
