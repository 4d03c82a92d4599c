//! Making a table: every active base, doubled over and over.

use rayon::prelude::*;

use super::file::{HEADER_BYTES, Layout, hash, set_hash};
use crate::field::{Coordinate, Fq, Fq2};
use crate::key::Zkey;
use crate::msm::sums::{Point, double_all};
use crate::msm::{Cancelled, Plan, Watch};
use crate::prove::active::{Active, section_range};

/// Bases that are doubled together: one inversion for all of them.
const CHUNK: usize = 512;

/// Fills `out`, which has the size of the layout.
pub fn build(
    out: &mut [u8],
    layout: &Layout,
    key: &Zkey,
    key_hash: &[u8; 32],
    bytes: &[u8],
    active: &Active,
    watch: &impl Watch,
) -> Result<(), Cancelled> {
    let (header, body) = out.split_at_mut(HEADER_BYTES);
    let mut rest = &mut body[..];
    for (index, list) in active.lists().iter().enumerate() {
        let (section, after) = rest.split_at_mut(layout.ranges[index].len());
        rest = after;
        let bases = &bytes[section_range(key, index)];
        let plan = layout.plans[index];
        if index == 2 {
            rows::<Fq2>(section, bases, list, plan, watch)?;
        } else {
            rows::<Fq>(section, bases, list, plan, watch)?;
        }
    }
    header.copy_from_slice(&layout.header(key_hash));
    let hash = hash(header, body);
    set_hash(header, &hash);
    Ok(())
}

fn rows<F: Coordinate>(
    out: &mut [u8],
    bases: &[u8],
    active: &[u32],
    plan: Plan,
    watch: &impl Watch,
) -> Result<(), Cancelled> {
    let size = Point::<F>::BYTES;
    // Cut into columns: each task owns its bases' place in every row.
    let mut columns: Vec<Vec<&mut [u8]>> = active
        .chunks(CHUNK)
        .map(|_| Vec::with_capacity(plan.rows()))
        .collect();
    for row in out.chunks_exact_mut((active.len() * size).max(1)) {
        for (column, part) in columns.iter_mut().zip(row.chunks_mut(CHUNK * size)) {
            column.push(part);
        }
    }
    columns
        .into_par_iter()
        .zip(active.par_chunks(CHUNK))
        .try_for_each(|(mut column, wires)| {
            let mut buffer = Vec::with_capacity(CHUNK);
            let mut points: Vec<Point<F>> = wires
                .iter()
                .map(|wire| Point::read(&bases[*wire as usize * size..][..size]))
                .collect();
            for (row, part) in column.iter_mut().enumerate() {
                if row > 0 {
                    for _ in 0..plan.bits * plan.sets {
                        double_all(&mut points, &mut buffer);
                    }
                    watch.advance(points.len() * plan.bits * plan.sets * F::BYTES);
                }
                if watch.cancelled() {
                    return Err(Cancelled);
                }
                for (point, slot) in points.iter().zip(part.chunks_exact_mut(size)) {
                    point.write(slot);
                }
            }
            Ok(())
        })
}
