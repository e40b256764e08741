import SpikeletRuntime

/// What the pixels of a picture come to.
extension ConnectionShape {
  /// - Parameters:
  ///   - isBlank: whether each pixel is at its channel's zero point, channel by channel, row by row.
  package func activity(isBlank: [Bool]) -> Activity {
    var counts = [Int](repeating: 0, count: height * width)
    let isWhole = poolArea == 1 && isBlank.count == channels * height * width
    if isWhole {
      for channel in 0..<channels {
        for site in 0..<height * width where !isBlank[channel * height * width + site] {
          counts[site] += 1
        }
      }
    } else {
      counts = pooledCounts(isBlank)
    }
    let pixels = counts.reduce(0, +)
    var result = activity(counts: counts, repeated: pixels, spikes: pixels)
    guard isWhole, kind == .convolution else { return result }
    if channels == 1, strideHeight == 1, strideWidth == 1 { addGray(isBlank, to: &result) }
    addBlocks(isBlank, windows: 8, (.blocks8, .items8, .columns8), to: &result)
    addBlocks(isBlank, windows: 4, (.blocks4, .items4, .columns4), to: &result)
    return result
  }

  /// What all pixels come to where none is blank.
  package var fullPicture: Activity {
    activity(isBlank: [Bool](repeating: false, count: channels * sourceHeight * sourceWidth))
  }

  /// The channels of each pooled site with a pixel in their window that is not blank.
  private func pooledCounts(_ isBlank: [Bool]) -> [Int] {
    let area = sourceHeight * sourceWidth
    var counts: [Int] = []
    for y in 0..<height {
      let top = y * pool.strideHeight - pool.top
      let rows = max(0, top)..<max(max(0, top), min(sourceHeight, top + pool.height))
      for x in 0..<width {
        let left = x * pool.strideWidth - pool.left
        let columns = max(0, left)..<max(max(0, left), min(sourceWidth, left + pool.width))
        counts.append(
          (0..<channels).count { channel in
            rows.contains { row in
              columns.contains { !isBlank[channel * area + row * sourceWidth + $0] }
            }
          })
      }
    }
    return counts
  }

  /// The weights of a row of the kernel that `GrayLines` keeps in registers.
  private static let grayLanes = 40

  /// As `GrayLines` goes over rows.
  private func addGray(_ isBlank: [Bool], to result: inout Activity) {
    let padded = padded(outputChannels)
    let shift = kernelWidth - 1 - left
    let span = (Self.grayLanes + padded - 1) / padded
    let begin = min(max(0, -left), width)
    let end = max(begin, min(width, outputWidth + shift))
    let (first, last) = (max(begin, shift), min(end, outputWidth - span + 1 + shift))
    for y in 0..<height where lines[y] > 0 {
      let seen = (begin..<end).filter { !isBlank[y * width + $0] }
      guard let from = seen.first, let to = seen.last.map({ $0 + 1 }) else { continue }
      let count = Double(lines[y])
      result[.grayRuns] += count
      result[.grayPixels] += count * Double(max(0, min(to, last) - max(from, first)))
      result[.grayAdds] += count * Double(seen.count { $0 >= first && $0 < last })
      guard from < first || to > last else { continue }
      result[.grayEdgeRuns] += count
      result[.grayEdgePixels] += count * Double(to - from)
      let edge = seen.count { $0 < first || $0 >= last }
      result[.grayEdgeAdds] += count * Double(edge * kernelWidth * padded / 8)
    }
  }

  /// As `PictureBlocks` goes over blocks of windows.
  private func addBlocks(
    _ isBlank: [Bool], windows: Int,
    _ measures: (blocks: ActivityMeasure, items: ActivityMeasure, columns: ActivityMeasure),
    to result: inout Activity
  ) {
    // Of each row, channel and phase: where in the line the pixels begin and end that are not blank.
    let length = padded(outputWidth) + (kernelWidth - 1) / strideWidth
    var spans: [Range<Int>] = []
    for y in 0..<height {
      for channel in 0..<channels {
        let row = (channel * height + y) * width
        for phase in 0..<strideWidth {
          let seen = (0..<length).filter { index in
            let x = phase - left + index * strideWidth
            return x >= 0 && x < width && !isBlank[row + x]
          }
          if let low = seen.first, let high = seen.last {
            spans.append(low & ~3..<(high & ~3) + 4)
          } else {
            spans.append(0..<0)
          }
        }
      }
    }
    let perRow = channels * strideWidth
    for line in 0..<outputHeight {
      let firstRow = line * strideHeight - top
      let rows = max(0, firstRow)..<max(max(0, firstRow), min(height, firstRow + kernelHeight))
      for x in stride(from: 0, to: outputWidth, by: windows) {
        var (items, columns) = (0, 0)
        for index in rows.lowerBound * perRow..<rows.upperBound * perRow {
          let span = spans[index]
          if span.isEmpty { continue }
          let own = (kernelWidth - index % strideWidth + strideWidth - 1) / strideWidth
          let low = max(0, span.lowerBound - x - windows + 1)
          let high = min(own, span.upperBound - x)
          if low < high { (items, columns) = (items + 1, columns + high - low) }
        }
        if items == 0 { continue }
        result[measures.blocks] += 1
        result[measures.items] += Double(items)
        result[measures.columns] += Double(columns)
      }
    }
  }
}
