//! Damages a packet: one bit of what the reader would get, and where asked, a checksum that fits.
use model::seed::Draw;

const TCP: u8 = 6;
const UDP: u8 = 17;

/// Where in an IPv4 packet things are.
struct Layout {
    /// First byte of the transport header.
    transport: usize,
    /// Its checksum.
    checksum: usize,
    /// First byte that the reader gets.
    data: usize,
}

/// Flips one bit of the payload of TCP or UDP in a whole IPv4 packet. False, and nothing done, where there is none.
pub fn damage(packet: &mut [u8], draw: &mut Draw, silent: bool) -> bool {
    let Some(layout) = layout(packet) else {
        return false;
    };
    let bits = (packet.len() - layout.data) as u64 * 8;
    let bit = draw.below(bits);
    packet[layout.data + (bit / 8) as usize] ^= 1 << (bit % 8);
    if silent {
        renew_checksum(packet, &layout);
    }
    true
}

fn layout(packet: &[u8]) -> Option<Layout> {
    let first = *packet.first()?;
    let transport = usize::from(first & 15) * 4;
    let fragment = u16::from_be_bytes([*packet.get(6)?, *packet.get(7)?]) & 0x3fff != 0;
    if first >> 4 != 4 || transport < 20 || fragment {
        return None;
    }
    let (checksum, data) = match *packet.get(9)? {
        TCP => {
            let words = usize::from(*packet.get(transport + 12)? >> 4);
            (transport + 16, transport + words * 4)
        }
        UDP => (transport + 6, transport + 8),
        _ => return None,
    };
    (data < packet.len()).then_some(Layout {
        transport,
        checksum,
        data,
    })
}

fn renew_checksum(packet: &mut [u8], layout: &Layout) {
    packet[layout.checksum..layout.checksum + 2].fill(0);
    let length = (packet.len() - layout.transport) as u64;
    let pseudo = sum(&packet[12..20]) + u64::from(packet[9]) + length;
    let folded = fold(pseudo + sum(&packet[layout.transport..]));
    // Zero means "none" in UDP; both forms of zero add up alike.
    let written = if folded == 0xffff { 0xffff } else { !folded };
    packet[layout.checksum..layout.checksum + 2].copy_from_slice(&written.to_be_bytes());
}

fn sum(bytes: &[u8]) -> u64 {
    let word = |pair: &[u8]| u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]);
    bytes.chunks(2).map(|pair| u64::from(word(pair))).sum()
}

fn fold(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn udp(data: &[u8]) -> Vec<u8> {
        let length = 28 + data.len() as u16;
        let mut packet = vec![0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, UDP, 0, 0];
        packet[2..4].copy_from_slice(&length.to_be_bytes());
        packet.extend([10, 0, 0, 1, 10, 0, 0, 2, 0x12, 0x34, 0x56, 0x78]);
        packet.extend((length - 20).to_be_bytes());
        packet.extend([0, 0]);
        packet.extend(data);
        let layout = layout(&packet).unwrap();
        renew_checksum(&mut packet, &layout);
        packet
    }

    /// As a receiver does: all words with the checksum add up to all ones.
    fn fits(packet: &[u8]) -> bool {
        let length = (packet.len() - 20) as u64;
        fold(sum(&packet[12..20]) + u64::from(packet[9]) + length + sum(&packet[20..])) == 0xffff
    }

    #[test]
    fn one_bit_of_the_payload_is_flipped_and_the_checksum_tells_unless_it_is_renewed() {
        for seed in 0..200 {
            let whole = udp(b"an odd number of bytes");
            assert!(fits(&whole));
            let [mut told, mut silent] = [whole.clone(), whole.clone()];
            assert!(damage(&mut told, &mut Draw::new(seed, "x"), false));
            assert!(damage(&mut silent, &mut Draw::new(seed, "x"), true));
            assert!(!fits(&told) && fits(&silent));
            assert_eq!(told[28..], silent[28..], "the same draw, the same bit");
            let flipped = whole.iter().zip(&told).map(|(a, b)| (a ^ b).count_ones());
            assert_eq!(flipped.sum::<u32>(), 1);
        }
    }

    #[test]
    fn what_carries_nothing_for_a_reader_stays_whole() {
        let draw = &mut Draw::new(1, "x");
        for length in 0..=28 {
            let mut short = udp(b"x")[..length].to_vec();
            assert!(!damage(&mut short, draw, true), "{length} bytes");
        }
        let mut fragment = udp(b"later part");
        fragment[7] = 1;
        assert!(!damage(&mut fragment, draw, true));
    }
}
