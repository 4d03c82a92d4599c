//! The order in which a graph is evaluated, and where its values lie. An inversion costs two hundred multiplications,
//! so nodes are sorted into layers by the number of inversions before them: all those of a layer are then inverted
//! together. Values share places, which keeps a circuit's evaluation within a core's second-level cache.

use super::file::{Graph, Node};

/// A node with places instead of value numbers.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    pub node: Node,
    pub target: u32,
    /// For the first of several inversions that are made together: how many there are. Else 0.
    pub batch: u32,
}

#[derive(Debug)]
pub struct Plan {
    pub steps: Vec<Step>,
    /// Places for values; constants and inputs have the first ones.
    pub places: usize,
    /// Length of the longest batch of inversions.
    pub longest_batch: usize,
    pub guards: Vec<u32>,
    pub wires: Vec<u32>,
}

impl Node {
    fn operands(&self) -> impl Iterator<Item = u32> {
        let (first, second, third) = match *self {
            Node::Add(a, b) | Node::Sub(a, b) | Node::Mul(a, b) | Node::Equal(a, b) => (a, Some(b), None),
            Node::Select(a, b, c) => (a, Some(b), Some(c)),
            Node::Inverse(a) | Node::Bit(a, _) | Node::Quotient(a, _) => (a, None, None),
        };
        [Some(first), second, third].into_iter().flatten()
    }

    fn with_operands(self, place: impl Fn(u32) -> u32) -> Node {
        match self {
            Node::Add(a, b) => Node::Add(place(a), place(b)),
            Node::Sub(a, b) => Node::Sub(place(a), place(b)),
            Node::Mul(a, b) => Node::Mul(place(a), place(b)),
            Node::Inverse(a) => Node::Inverse(place(a)),
            Node::Equal(a, b) => Node::Equal(place(a), place(b)),
            Node::Select(a, b, c) => Node::Select(place(a), place(b), place(c)),
            Node::Bit(a, position) => Node::Bit(place(a), position),
            Node::Quotient(a, divisor) => Node::Quotient(place(a), divisor),
        }
    }

    fn is_inverse(&self) -> bool {
        matches!(self, Node::Inverse(_))
    }
}

impl Plan {
    pub fn new(graph: &Graph) -> Plan {
        let first = graph.first_node();
        let layers = layers(graph);
        let mut order: Vec<u32> = (0..graph.nodes.len() as u32).collect();
        // Stable, so operands stay before what uses them: within a layer only inversions move, to its beginning.
        order.sort_by_key(|&node| {
            (
                layers[first + node as usize],
                !graph.nodes[node as usize].is_inverse(),
            )
        });
        let batches = batches(graph, &order, &layers[first..]);
        let (place_of, places) = places(graph, &order, &batches);
        let steps = order
            .iter()
            .zip(&batches)
            .map(|(&node, &batch)| Step {
                node: graph.nodes[node as usize].with_operands(|value| place_of[value as usize]),
                target: place_of[first + node as usize],
                batch,
            })
            .collect();
        let place = |value: &u32| place_of[*value as usize];
        Plan {
            steps,
            places,
            longest_batch: batches.iter().copied().max().unwrap_or(0) as usize,
            guards: graph.guards.iter().map(place).collect(),
            wires: graph.wires.iter().map(place).collect(),
        }
    }
}

/// For each value the number of inversions on the longest way to it.
fn layers(graph: &Graph) -> Vec<u32> {
    let mut layers = vec![0; graph.first_node()];
    layers.reserve_exact(graph.nodes.len());
    for node in &graph.nodes {
        let before = node
            .operands()
            .map(|value| layers[value as usize])
            .max()
            .unwrap_or(0);
        layers.push(before + u32::from(node.is_inverse()));
    }
    layers
}

/// The number of inversions that begin at each step and need nothing of one another: those of one layer.
fn batches(graph: &Graph, order: &[u32], layers: &[u32]) -> Vec<u32> {
    let mut batches = vec![0; order.len()];
    let mut start = 0;
    for (step, &node) in order.iter().enumerate() {
        if !graph.nodes[node as usize].is_inverse() {
            continue;
        }
        if batches[start] == 0 || layers[node as usize] != layers[order[start] as usize] {
            start = step;
        }
        batches[start] += 1;
    }
    batches
}

/// The place of each value. One that is not needed any more leaves its place to later ones.
fn places(graph: &Graph, order: &[u32], batches: &[u32]) -> (Vec<u32>, usize) {
    let first = graph.first_node();
    let values = first + graph.nodes.len();
    // A batch reads all its operands before its end, and writes its results there.
    let mut batch_end = 0;
    let mut last_use = vec![None; values];
    for (step, &node) in order.iter().enumerate() {
        batch_end = batch_end.max(step + (batches[step] as usize).saturating_sub(1));
        for value in graph.nodes[node as usize].operands() {
            last_use[value as usize] = Some(batch_end.max(step) as u32);
        }
    }
    for value in (0..first as u32)
        .chain(graph.wires.iter().copied())
        .chain(graph.guards.iter().copied())
    {
        last_use[value as usize] = None;
    }
    let mut leaving: Vec<(u32, u32)> = last_use
        .iter()
        .zip(0..)
        .filter_map(|(step, value)| step.map(|step| (step, value)))
        .collect();
    leaving.sort_unstable();
    let mut leaving = leaving.into_iter().peekable();
    let mut place_of: Vec<u32> = (0..values as u32).collect();
    let mut free = Vec::new();
    let mut places = first as u32;
    for (step, &node) in order.iter().enumerate() {
        place_of[first + node as usize] = free.pop().unwrap_or_else(|| {
            places += 1;
            places - 1
        });
        while let Some((_, value)) = leaving.next_if(|&(last, _)| last as usize <= step) {
            free.push(place_of[value as usize]);
        }
    }
    (place_of, places as usize)
}
